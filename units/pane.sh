#!/bin/sh
# pane.sh FIFO PATH PROGRAM [ARGUMENT…]: the first process of an agent's pane, in the agent's own scope. Runs the program
# and tells agent.sh how it ended. PATH is muster's own, since the program may have another.
# Where the unit's run is over, its FIFO is gone: without one that somebody reads, nothing is run.
[ -p "$1" ] && exec 9>"$1" && [ -p /dev/fd/9 ] || exit 6
fifo=$1 tools=$2
shift 2
# The program has a process group of its own, so that the terminal's signals are its alone and tmux tells its name. A sh whose
# job was interrupted would end likewise: it has to outlive it. A hang-up does end it, and with it the unit and the scope.
set -m
trap : INT QUIT
trap '' TSTP # Ctrl-Z: nobody is there to take the program up again
pane=$TMUX_PANE socket=${TMUX%%,*} rest=${TMUX#*,}
echo "pane $pane ${rest%%,*}" >&9
sh -c 'echo "program $$" >&9; exec "$@" 9>&-' sh "$@"
status=$?
# A program that was stopped all the same goes on at once; where there is no job, it ended with that status. bash gives the
# terminal back by its standard error: with that elsewhere, the program could read no more.
while [ "$status" -ge 147 ] && [ "$status" -le 150 ] && jobs -p >"${fifo%/*}/jobs" && [ -s "${fifo%/*}/jobs" ]; do
  fg %% >/dev/null
  status=$?
done
PATH=$tools

# Whether the kernel has killed for want of memory in this cgroup, of version 2 or 1.
ran_out_of_memory() {
  while IFS=: read -r _ controllers path; do
    case ,$controllers, in
      ,,) file=/sys/fs/cgroup$path/memory.events ;;
      *,memory,*) file=/sys/fs/cgroup/memory$path/memory.oom_control ;;
      *) continue ;;
    esac
    [ -r "$file" ] || continue
    while read -r key value; do [ "$key" = oom_kill ] && [ "$value" -gt 0 ] && return 0; done <"$file"
  done </proc/self/cgroup
  return 1
}
ran_out_of_memory && echo oom >&9
# The first call gives tmux a turn to read the program's last words.
tmux -u -N -S "$socket" display-message -p -t "$pane" "" >/dev/null 2>&1
tmux -u -N -S "$socket" capture-pane -p -t "$pane" 2>/dev/null | grep -v '^ *$' | tail -n 20 | sed 's/^/= /' >&9
echo "status $status" >&9
