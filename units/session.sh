#!/bin/sh
# session.sh FILE [JSON]: run by an agent's program itself, each time that it has a session to tell of: Claude Code's hook
# SessionStart, which gives the JSON on stdin, and Codex' notify, which gives it as an argument. Keeps when, which session
# and where its transcript is, a line of FILE, and nothing of what was said: a quote within a JSON string has a backslash
# before it, so no message is taken for a key.
set -u
umask 077
file=$1
if [ $# -gt 1 ]; then told=$2; else told=$(cat); fi
value() {
  printf '%s\n' "$told" | grep -o "[{,] *\"$1\" *: *\"[^\"\\\\]*\"" | head -n 1 | sed 's/^[^:]*: *"//; s/"$//'
}
session=$(value session_id)
[ -n "$session" ] || session=$(value thread-id)
case $session in "" | *[!0-9a-f-]*) exit 0 ;; esac
[ -d "${file%/*}" ] || exit 0
# The last ones are enough: one that is told again and again does not make the file grow.
{ tail -n 19 "$file" 2>/dev/null; printf '%s %s %s\n' "$(date +%s%3N)" "$session" "$(value transcript_path)"; } >"$file.$$" &&
  mv -f "$file.$$" "$file"
