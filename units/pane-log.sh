# pane-log.sh DIRECTORY: run by tmux for a pane whose agent has `log = true`, which it gives all that the pane shows. Keeps
# it in pane.log, as it comes and for its owner's eyes alone; at 16 MiB that becomes pane.1.log, in place of the one before.
umask 077
mkdir -p "$1" && cd "$1" || exit 1
# Opened anew for each MiB, so that a log that was removed is begun again.
while said=$(LC_ALL=C dd bs=4096 count=256 2>&1 >>pane.log); do
  case $said in "0+0 records in"*) exit 0 ;; esac # the pane is gone
  { size=$(wc -c <pane.log) && [ "$size" -ge 16777216 ] && mv -f pane.log pane.1.log; } 2>/dev/null
done
