# Runs one step on its machine, in a session of its own, and answers for the whole of it. Read from standard input by bash,
# which then reads, each up to a NUL: a nonce, a directory, seconds of grace, the number of variables, NAME and value of
# each, the number of words, the words, a script's name and text (both empty for none), the number of further words, the
# words. A script goes to a file of its own, which is a word between the others. Then come lines: `go` starts the step, and
# `stop`, or the end of input, ends it: muster is gone.
#
# Standard output carries what the step prints, and between two NULs each, behind the nonce, `ready`, `begun` and `end`.
tell() { printf '\0%s %s\0' "$nonce" "$*"; }

variables=() words=() count=0
field nonce && field directory && field grace || exit 125
field count
for ((i = 0; i < count; i++)); do field name; field value; variables+=("$name=$value"); done
field count
for ((i = 0; i < count; i++)); do field value; words+=("$value"); done
field name && field value || exit 125
if [ -n "$name" ]; then
  scratch=$(mktemp -d) || exit 125
  trap 'rm -rf "$scratch"' EXIT
  printf %s "$value" >"$scratch/$name" || exit 125
  words+=("$scratch/$name")
fi
field count || exit 125
for ((i = 0; i < count; i++)); do field value; words+=("$value"); done

exec 3<&0 </dev/null
tell "ready $$ $(began $$)"
IFS= read -r line <&3 && [ "$line" = go ] || exit 125

(
  exec 3<&- 2>&1
  case $directory in "~/"*) directory=$HOME/${directory#"~/"} ;; esac
  cd "$directory" || exit 125
  for value in ${variables[@]+"${variables[@]}"}; do export "$value"; done
  if command -v setsid >/dev/null; then exec setsid "${words[@]}"; fi
  exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV or exit 127' "${words[@]}"
) &
step=$!
tell "begun $step $(began "$step")"
exec 2>/dev/null

(
  IFS= read -r line <&3
  trap '' TERM
  end_session "$step" "$grace"
) &
watch=$!
wait "$step"
code=$?
kill -s TERM "$watch"
wait "$watch"
[ $? -ge 128 ] && stopped=0 || stopped=1
[ "$code" = 0 ] && [ "$stopped" = 0 ] || end_session "$step" "$grace"
tell "end $code $stopped $(members "$step" | wc -l)"
