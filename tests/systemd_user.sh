#!/usr/bin/env bash
# systemd_user.sh: a `systemd --user` of its own for a test, where the host was not booted by systemd, or its own manager
# is a person's. Prints `ready PID`, PID a process to enter by `nsenter --mount --cgroup --target`, and lives until its
# standard input ends; then every unit is stopped and nothing is left. Without one: a line that says why, and status 75.
#
# The manager gets a cgroup of its own in each hierarchy, as the root of a cgroup namespace: what the kernel calls a cgroup
# and what systemd writes are then the same, without which scopes, limits and NotifyAccess do not work. /run is an empty
# tmpfs of its own mount namespace, so that no other manager is found. HOME is the caller's.
set -euo pipefail

cannot() {
  echo "no systemd --user here: $1"
  exit 75
}

manager=""
for path in /lib/systemd/systemd /usr/lib/systemd/systemd; do [ -x "$path" ] && manager=$path && break; done
[ -n "$manager" ] || cannot "systemd is not installed"
[ "$(id -u)" = 0 ] || cannot "a mount namespace of its own needs root"
for program in unshare nsenter systemctl systemd-run systemd-notify; do
  command -v "$program" >/dev/null || cannot "$program is not installed"
done

own=muster-test-$$
cgroups=()
leave() {
  local at tries
  for at in "${cgroups[@]}"; do echo $$ >"${at%/*}/cgroup.procs" || true; done
  # The kernel lets go of a cgroup a moment after its last process has ended.
  for at in "${cgroups[@]}"; do
    for tries in $(seq 500); do
      find "$at" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$at" ] || break
      read -rt 0.01 <> <(:) || true
    done
    [ ! -d "$at" ] || echo "systemd_user.sh: still there: $at" >&2
  done
}
trap leave EXIT
while read -r _ at type _; do
  case $type in cgroup | cgroup2) ;; *) continue ;; esac
  [ -w "$at/cgroup.procs" ] && mkdir "$at/$own" 2>/dev/null || continue
  if [ "$type" = cgroup ] && [ -f "$at/$own/cpuset.cpus" ]; then
    cat "$at/cpuset.cpus" >"$at/$own/cpuset.cpus"
    cat "$at/cpuset.mems" >"$at/$own/cpuset.mems"
  fi
  cgroups+=("$at/$own")
  echo $$ >"$at/$own/cgroup.procs"
done </proc/mounts
[ "${#cgroups[@]}" -gt 0 ] || cannot "no cgroup can be made"

status=0
unshare --mount --cgroup --propagation private bash -c '
  set -euo pipefail
  while read -r _ at type options _; do
    case $type in
      cgroup2) umount "$at" && mount -t cgroup2 cgroup2 "$at" ;;
      cgroup) umount "$at" && mount -t cgroup -o "${options#rw,relatime,}" cgroup "$at" ;;
    esac
  done < <(cat /proc/mounts)
  mount -t tmpfs -o mode=755 tmpfs /run
  XDG_RUNTIME_DIR=/run/user/$(id -u)
  export XDG_RUNTIME_DIR
  mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
  chmod 700 "$XDG_RUNTIME_DIR"
  unset DBUS_SESSION_BUS_ADDRESS INVOCATION_ID NOTIFY_SOCKET
  "$0" --user --log-target=console --log-level=info </dev/null >"${SYSTEMD_LOG:-/dev/null}" 2>&1 &
  manager=$!
  finish() { kill -s TERM "$manager" 2>/dev/null || true; wait "$manager" 2>/dev/null || true; }
  trap finish EXIT
  # is-system-running --wait answers once the manager has finished starting; its socket has to be there first.
  for tries in $(seq 1000); do
    kill -s 0 "$manager" 2>/dev/null || { echo "no systemd --user here: the manager ended at once"; exit 75; }
    [ -S "$XDG_RUNTIME_DIR/systemd/private" ] && break
    read -rt 0.01 <> <(:) || true
  done
  systemctl --user is-system-running --wait >/dev/null 2>&1 || true
  systemctl --user show --property=Version >/dev/null 2>&1 || { echo "no systemd --user here: the manager does not answer"; exit 75; }
  echo "ready $$"
  cat >/dev/null
' "$manager" || status=$?
exit "$status"
