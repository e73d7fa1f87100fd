#!/bin/sh
# holder.sh start|stop: the tmux server of the fleet. Run by muster-holder.service, of which the server is the process.
# The environment: MUSTER_SOCKET, MUSTER_HOLDER (the session that keeps the server alive), MUSTER_TMUX_CONF.
set -u
unset INVOCATION_ID JOURNAL_STREAM MANAGERPID SYSTEMD_EXEC_PID NOTIFY_SOCKET
if [ "$1" = stop ]; then exec tmux -u -N -L "$MUSTER_SOCKET" kill-server; fi

# Answered by a server that is there, with or without a session; an error that says so does not start one.
if tmux -u -N -L "$MUSTER_SOCKET" show-options -s exit-empty >/dev/null 2>&1; then
  echo "a tmux server that was started without this unit has the socket $MUSTER_SOCKET: end it with muster fleet stop" >&2
  exit 240
fi
config=/dev/null
[ -e "$MUSTER_TMUX_CONF" ] && config=$MUSTER_TMUX_CONF
words="This session keeps muster's tmux server alive."
exec tmux -u -L "$MUSTER_SOCKET" -f "$config" \
  new-session -d -s "$MUSTER_HOLDER" -x 200 -y 50 -- sh -c 'echo "$0"; exec cat' "$words" \; \
  set-option -p -t "=$MUSTER_HOLDER:" @muster_runtime holder \; \
  set-option -s exit-empty off
