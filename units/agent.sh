#!/bin/sh
# agent.sh NAME: the process of muster-agent@NAME.service. It lives exactly as long as the agent's program: the pane's own
# sh (pane.sh) holds a FIFO open, and the end of that file is the end of the agent, however it came about.
#
# The environment: MUSTER_SOCKET, MUSTER_SCRIPTS, MUSTER_STATE; from the agent's own settings MUSTER_PROPERTIES (limits, as
# systemd-run takes them), MUSTER_RESTART_LIMIT and MUSTER_RESTART_WINDOW (seconds).
# In $XDG_RUNTIME_DIR/muster: orders/NAME, by which a person's start asks for `fresh` or `resume` and is neither counted
# nor kept waiting; run/NAME/, the facts of this run, from which agent-end.sh makes the record.
set -u
umask 077
name=$1
runtime=$XDG_RUNTIME_DIR/muster
run=$runtime/run/$name
state=$MUSTER_STATE/fleet/agents/$name
rm -rf "$run" && mkdir -p "$run" "$state" || exit 6
date +%s >"$run/began"

order=
if [ -f "$runtime/orders/$name" ]; then
  read -r order <"$runtime/orders/$name"
  rm -f "$runtime/orders/$name" "$state/failures"
fi

# The circuit breaker, and the pause before the next try: 1, 2, 4 … 60 seconds after the second failure and on.
failures=0
[ -f "$state/failures" ] && read -r failures <"$state/failures"
if [ "$failures" -ge "$MUSTER_RESTART_LIMIT" ]; then
  echo "not started again: it failed $failures times in a row; muster fleet start $name tries again"
  : >"$run/breaker"
  exit 240
fi
if [ "$failures" -gt 1 ]; then
  pause=1 count=$failures
  while [ "$count" -gt 2 ] && [ "$pause" -lt 60 ]; do pause=$((pause * 2)) count=$((count - 1)); done
  [ "$pause" -le 60 ] || pause=60
  mkfifo "$run/pause" || exit 6
  systemd-notify --status="failed $failures times in a row; tries again in $pause s"
  # A person's start ends the pause, and the row of failures.
  if timeout "$pause" sh -c 'read -r _ <"$1"' sh "$run/pause"; then rm -f "$state/failures"; fi
  rm -f "$run/pause"
fi

# One after another: who has no order waits until the agent before it is ready, so that a fleet that comes back does not
# fall on its provider all at once. A person's order is carried out beside seven others. The lock goes with the launcher,
# whatever becomes of it.
systemd-notify --status="waits for its turn"
turn=$runtime/turn
[ -z "$order" ] || turn=$turn$(($$ % 8))
exec 7>"$turn"
flock 7

scope=muster-agent-$name-$$.scope
echo "$scope" >"$run/scope"
# Of this run alone: a pane that an earlier one was making when it was stopped may come late.
fifo=$run/fifo-$INVOCATION_ID
mkfifo "$fifo" || exit 6
systemd-notify --status="starting"
(
  sh "$MUSTER_SCRIPTS/muster.sh" agent launch "$name" --fifo "$fifo" --scope "$scope" --how "${order:-auto}" \
    >"$run/said" 2>&1 || echo "$?" >"$run/unlaunched"
  # Where no pane has opened the FIFO, nobody else will: this ends the wait below.
  [ -p "$fifo" ] && : >"$fifo"
) &
launcher=$!
exec 7>&-

exec 8<"$fifo"
rm -f "$fifo"
status=
while IFS= read -r line <&8; do
  case $line in
    "pane "*) echo "${line#pane }" >"$run/pane" ;;
    "program "*)
      echo "${line#program }" >"$run/program"
      read -r pane server <"$run/pane"
      tmux -u -N -L "$MUSTER_SOCKET" set-option -p -t "$pane" @muster_agent "$name ${line#program }"
      systemd-notify --ready --status="process ${line#program } in pane $pane"
      ;;
    "= "*) echo "${line#= }" >>"$run/lines" && echo "${line#= }" ;;
    oom) : >"$run/oom" ;;
    "status "*) status=${line#status } ;;
  esac
done

if [ ! -f "$run/program" ]; then
  wait "$launcher"
  cat "$run/said"
  exit 6
fi
[ -n "$status" ] && echo "$status" >"$run/status"
read -r pane server <"$run/pane"
if [ "$(tmux -u -N -L "$MUSTER_SOCKET" display-message -p '#{pid}' 2>/dev/null)" != "$server" ]; then
  # It ended with the server: no failure of its own. The holder brings both back.
  : >"$run/server"
  exit 0
fi
status=${status:-137} # the pane's sh was killed, and what it ran is being ended with it
[ "$status" = 240 ] && exit 239
exit "$status"
