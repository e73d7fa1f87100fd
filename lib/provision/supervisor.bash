# Runs one step on its machine, in a session of its own, and answers for the whole of it. Read from standard input by bash,
# which then reads, each up to a NUL: a nonce, a directory, seconds of grace, a script's name and text (empty for none), the
# number of variables, NAME and value of each, the number of words, the words. Then come lines: `go` starts the step, and
# `stop`, or the end of input, ends it: muster is gone.
#
# Standard output carries what the step prints, and between two NULs the nonce with `ready`, `begun` and `end` lines.
field() { IFS= read -r -d '' "$1"; }
field nonce && field directory && field grace && field name && field text || exit 125
tell() { printf '\0%s %s\0' "$nonce" "$*"; }

variables=() words=()
field count
for ((i = 0; i < count; i++)); do field variable; field value; variables+=("$variable=$value"); done
field count
for ((i = 0; i < count; i++)); do field word; words+=("$word"); done

# A process is told from a later one of the same number by when it began.
began() {
  local s
  if { read -r s <"/proc/$1/stat"; } 2>/dev/null; then s=${s##*) }; set -- $s; echo "${20}"
  else ps -o lstart= -p "$1" | tr ' ' _; fi
}

# What runs of the session that process $1 began; what waits to be collected does not.
members() {
  local leader=$1 file s
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { read -r s <"$file"; } 2>/dev/null || continue
      file=${file#/proc/}
      set -- ${s##*) }
      [[ $4 != "$leader" || $1 == [ZX] ]] || echo "${file%/stat}"
    done
  else
    ps -A -o pid=,pgid=,stat= | awk -v leader="$leader" '$2 == leader && $3 !~ /^Z/ { print $1 }'
  fi
}

# Ends the session: TERM, then KILL when the grace is over, until nothing of it runs.
end_session() {
  local leader=$1 deadline=$((SECONDS + grace)) signal=TERM left
  while left=$(members "$leader"); [ -n "$left" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then signal=KILL; fi
    if [ "$signal" != "${sent-}" ] || [ "$signal" = KILL ]; then kill -s "$signal" $left 2>/dev/null; sent=$signal; fi
    sleep 0.05
  done
}

scratch=
if [ -n "$name" ]; then
  scratch=$(mktemp -d) || exit 125
  trap 'rm -rf "$scratch"' EXIT
  printf %s "$text" >"$scratch/$name" || exit 125
  words+=("$scratch/$name")
fi
field count
for ((i = 0; i < count; i++)); do field word; words+=("$word"); done

exec 3<&0 </dev/null
tell "ready $$ $(began $$)"
IFS= read -r line <&3 && [ "$line" = go ] || exit 125

(
  cd "$directory" || exit 125
  for variable in ${variables[@]+"${variables[@]}"}; do export "$variable"; done
  exec 3<&- 2>&1
  if command -v setsid >/dev/null; then exec setsid "${words[@]}"; fi
  exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV or exit 127' "${words[@]}"
) &
step=$!
tell "begun $step $(began "$step")"

(
  IFS= read -r line <&3
  trap '' TERM
  end_session "$step"
) &
watch=$!
# A job that another signal than the step's own wakes is waited for again.
wait "$step"
code=$?
kill -s TERM "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
[ $? -ge 128 ] && stopped=0 || stopped=1
[ "$code" = 0 ] && [ "$stopped" = 0 ] || end_session "$step"
tell "end $code $stopped $(members "$step" | wc -l)"
