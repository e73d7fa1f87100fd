# Functions on sessions of processes, without ps where there is /proc. Read before supervisor.bash and orphan.bash.
field() { IFS= read -r -d '' "$1"; }

# When process $1 began, which tells it from a later one of the same number; nothing for one that has ended.
began() {
  local s
  if { read -r s <"/proc/$1/stat"; } 2>/dev/null; then
    set -- ${s##*) }
    [[ $1 == [ZX] ]] || echo "${20}"
  elif ! [ -r /proc/self/stat ]; then ps -o lstart= -p "$1" | tr ' ' _; fi
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

# Ends the session of process $1: TERM, then KILL when $2 seconds are over, until nothing of it runs.
end_session() {
  local leader=$1 deadline=$((SECONDS + 1 + $2)) left told=
  while left=$(members "$leader"); [ -n "$left" ]; do
    if [ "$SECONDS" -ge "$deadline" ]; then kill -s KILL $left
    elif [ -z "$told" ]; then kill -s TERM $left; told=1; fi
    sleep 0.05
  done 2>/dev/null
}
