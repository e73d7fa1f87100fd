# What muster runs on another host, the same every time: a loop that takes requests as data, one a line, runs tmux or sh,
# and answers. Its own process is the owner of muster's leases there, so it ends when the connection does.
#
# A request is a line of fields, unit separators between them:
#   r SLOT BODY WORD…  runs a program; with BODY 1 the next line is what it reads. A WORD is p and itself, or e and its octals
#   k SLOT             ends what runs in the slot, its children too
#   h                  the connection lives; after some seconds without one the loop ends: its client may be gone unheard
#   t SLOT             asks for the time
#   q                  the end, with nothing under way
# An answer is a line "MARK SLOT KIND STATUS BYTES", then so many bytes, then a newline. Kind a: what the program wrote to
# its standard output, then to its standard error, then a space and how many bytes the latter are. Kind k: it is ended.
# Kind t: seconds since 1970. No text is ever read as shell words, and none is written to the disk.
unset mark patience unit turns place line slot body word pair pid parent found grown all dog nap text errors status
set -f
LF='
'
exec 4>&1 >/dev/null
IFS=" " read -r mark patience || exit
unit=$(printf '\037')

# A pipe that holds one line while nobody writes an answer; it has no name for longer than it takes to open it.
place=${TMPDIR:-/tmp}/muster-$$-$(date +%s)
if mkdir -m 700 "$place" 2>/dev/null; then
  if mkfifo "$place/turns" 2>/dev/null && (: 5<>"$place/turns") 2>/dev/null; then
    exec 5<>"$place/turns"
    turns=1
    echo >&5
  fi
  rm -rf "$place"
fi
[ "$turns" ] || exec 5</dev/null

# answer SLOT KIND STATUS TEXT: whole, and not mixed with another. Whoever writes gives the turn back, come what may.
answer() {
  trap '' TERM PIPE
  [ "$turns" ] && read -r word <&5
  printf '%s %s %s %s %s\n%s\n' "$mark" "$1" "$2" "$3" "${#4}" "$4" 2>/dev/null >&4
  [ "$turns" ] && echo >&5
  trap - TERM PIPE
}

# job SLOT PROGRAM ARGUMENT…: runs to its end and answers. Lengths are in bytes by LC_ALL, which no program gets to see.
job() {
  slot=$1
  shift
  text=$(
    exec 3>&1
    errors=$(
      # What this shell has to say of a program that a signal ended is not the program's own.
      exec 2>/dev/null
      if [ "$body" ]; then
        printf %b "${body#b}" | (exec "$@" 2>&1 >&3 3>&- 4>&- 5>&-)
      else
        (exec "$@" </dev/null 2>&1 >&3 3>&- 4>&- 5>&-)
      fi
      status=$?
      printf _
      exit "$status"
    )
    status=$?
    LC_ALL=C
    errors=${errors%_}
    printf '%s %s' "$errors" "${#errors}"
    exit "$status"
  )
  status=$?
  LC_ALL=C
  answer "$slot" a "$status" "$text"
}

# The processes below process $1, from what the kernel or ps says of all.
below() {
  if [ -r /proc/self/stat ]; then
    set +f
    all=$(for line in /proc/[0-9]*/stat; do
      read -r text 2>/dev/null <"$line" && set -f && set -- ${text##*) } && echo "${text%% *} $2"
    done)
    set -f
  else
    all=$(ps -A -o pid= -o ppid=)
  fi
  IFS=" $LF"
  found=" $1 "
  grown=1
  while [ "$grown" ]; do
    grown=
    pid=
    for word in $all; do
      if [ -z "$pid" ]; then
        pid=$word
        continue
      fi
      case $found in
        *" $pid "*) ;;
        *" $word "*) found="$found$pid " grown=1 ;;
      esac
      pid=
    done
  done
  found=${found#" $1 "}
}

# Ends the loop when no word has come for too long.
guard() {
  (
    trap 'kill "$nap"; exit' TERM
    sleep "$patience" &
    nap=$!
    wait "$nap"
    # By now the number could be another's, if the loop is gone.
    sh -c 'if read -r s 2>/dev/null <"/proc/$PPID/stat"; then set -- ${s##*) }; else set -- - $(ps -o ppid= -p "$PPID"); fi
      [ "$2" = "$0" ]' $$ && kill -s KILL $$
  ) </dev/null >/dev/null 2>&1 4>&- 5>&- &
  dog=$!
}

release() {
  kill "$dog" 2>/dev/null
  wait "$dog" 2>/dev/null
}

IFS=" $LF"
guard
word=0
command -v tmux >/dev/null && word=1
# When this process began, by its kernel, and the namespace in which its number means it; 0 without /proc.
text='' parent=0 found=0
if read -r text 2>/dev/null <"/proc/$$/stat"; then
  set -- ${text##*) }
  parent=${20}
  set -- $(ls -Li "/proc/$$/ns/pid" 2>/dev/null)
  found=${1:-0}
fi
answer "$$" hello "$word" "$(date +%s) ${turns:-0} $parent $found"

while IFS= read -r line; do
  IFS=$unit
  set -- $line
  IFS=" $LF"
  case $1 in
    r)
      slot=$2 body=
      # A request that was cut off is not run.
      if [ "$3" = 1 ]; then
        IFS= read -r body || break
        body=b$body
      fi
      shift 3
      for word; do
        shift
        case $word in
          e*)
            word=$(printf %b_ "${word#e}")
            word=${word%_}
            ;;
          *) word=${word#p} ;;
        esac
        set -- "$@" "$word"
      done
      case $slot in *[!0-9]* | '') exit 1 ;; esac
      case $1 in tmux | sh) ;; *) exit 1 ;; esac
      # What ran in the slot before has answered; its process is collected.
      eval "pid=\$job$slot"
      [ "$pid" ] && wait "$pid" 2>/dev/null
      job "$slot" "$@" &
      eval "job$slot=\$!"
      body=
      ;;
    k)
      case $2 in *[!0-9]* | '') exit 1 ;; esac
      eval "parent=\$job$2"
      if [ "$parent" ]; then
        below "$parent"
        kill -s TERM "$parent" 2>/dev/null
        # The job is a child that nobody has waited for, so its number is its own, and these are its children.
        [ "$found" ] && kill -s KILL $found 2>/dev/null
        wait "$parent" 2>/dev/null
        eval "job$2="
      fi
      answer "$2" k 0 ''
      ;;
    h)
      release
      guard
      ;;
    t) answer "$2" t 0 "$(date +%s)" ;;
    q)
      release
      exit
      ;;
  esac
done
release
below $$
[ "$found" ] && kill -s KILL $found 2>/dev/null
exit
