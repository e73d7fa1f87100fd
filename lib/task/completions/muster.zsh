#compdef muster
# zsh completion for muster: source it, or put it as _muster in a directory of $fpath
_muster() {
  local line
  local -a found
  for line in "${(@f)$(muster complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    [[ -n $line ]] && found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe muster found; else _files; fi
}
if [[ ${funcstack[1]} == _muster ]]; then _muster "$@"; else compdef _muster muster; fi
