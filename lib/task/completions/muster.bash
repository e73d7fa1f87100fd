# bash completion for muster: source it, or put it in ~/.local/share/bash-completion/completions/muster
_muster() {
  local value _
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    printf -v value %q "$value"
    COMPREPLY+=("$value")
  done < <(muster complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -o default -F _muster muster
