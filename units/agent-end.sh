#!/bin/sh
# agent-end.sh NAME: run by systemd after agent.sh has ended, however it did. Removes what is left of the agent's pane and
# processes, and writes how it ended: a line of ends.jsonl, and the count of failures in a row.
# From systemd: SERVICE_RESULT, INVOCATION_ID.
set -u
umask 077
name=$1
runtime=$XDG_RUNTIME_DIR/muster
run=$runtime/run/$name
state=$MUSTER_STATE/fleet/agents/$name
[ -d "$run" ] || exit 0
systemd-notify --status="is about to be started again" # told while it is
tmux() { command tmux -u -N -L "$MUSTER_SOCKET" "$@"; }

pane="" server="" scope=""
[ -f "$run/scope" ] && read -r scope <"$run/scope"
[ -f "$run/pane" ] && read -r pane server <"$run/pane"
if [ -n "$pane" ] && [ "$(tmux display-message -p '#{pid}' 2>/dev/null)" != "$server" ]; then : >"$run/server"; fi
# One that was made, and whose own sh had no time to tell.
if [ -z "$pane" ] && [ -n "$scope" ]; then
  pane=$(tmux list-panes -a -F '#{pane_id} #{pane_start_command}' 2>/dev/null | grep -F -e "--unit=$scope" | cut -d ' ' -f 1)
fi
if [ -n "$pane" ] && [ ! -f "$run/server" ]; then
  # The pane stands with its last screen until here, if its own sh could not tell.
  [ -f "$run/lines" ] || tmux capture-pane -p -t "$pane" 2>/dev/null | grep -v '^ *$' | grep -v '^Pane is dead' |
    tail -n 20 >"$run/lines"
  tmux kill-pane -t "$pane" 2>/dev/null
fi
# Its own scope ends with this unit; wait until it has, so that the unit is not over before its processes are.
[ -n "$scope" ] && systemctl --user stop "$scope" >/dev/null 2>&1
[ -f "$run/breaker" ] && exit 0

status=""
[ -f "$run/status" ] && read -r status <"$run/status"
cause=failed
if [ -f "$run/server" ]; then cause=server
elif [ -f "$runtime/stopped/$name" ] || [ -f "$runtime/orders/$name" ]; then cause=stopped
elif [ "$SERVICE_RESULT" = success ] && [ -z "$status" ]; then cause=shutdown
elif [ ! -f "$run/program" ]; then cause=start
elif [ -f "$run/oom" ]; then cause=memory
elif [ "$status" = 0 ]; then cause=exit
fi

now=$(date +%s)
began=$now program=0
[ -f "$run/began" ] && read -r began <"$run/began"
[ -f "$run/program" ] && read -r program <"$run/program"
case $cause in
  failed | memory | start)
    failures=0
    [ -f "$state/failures" ] && read -r failures <"$state/failures"
    # One that has run well for as long as the window begins a new row.
    [ $((now - began)) -lt "$MUSTER_RESTART_WINDOW" ] || failures=0
    echo $((failures + 1)) >"$state/failures"
    ;;
  exit) rm -f "$state/failures" ;;
esac

said=$run/lines
[ "$cause" = start ] && said=$run/said
lines=""
if [ -f "$said" ]; then
  # As JSON strings: controls out, quotes and backslashes escaped.
  lines=$(tail -n 20 "$said" | tr -d '\000-\011\013-\037\177' | sed 's/[\\"]/\\&/g; s/^/"/; s/$/"/' | paste -s -d , -)
fi
# For the journal, where the unit's output goes.
echo "ended: $cause, status ${status:-unknown}, process $program, after $((now - began)) s"
# Under the lock that `muster prune` takes to shorten the file.
[ -d "$state" ] && exec 6<"$state" && flock 6
printf '{"at":%s000,"run":"%s","cause":"%s","status":%s,"pid":%s,"ranMs":%s,"lines":[%s]}\n' \
  "$now" "$INVOCATION_ID" "$cause" "${status:-null}" "$program" $(((now - began) * 1000)) "$lines" >>"$state/ends.jsonl"
rm -rf "$run"
