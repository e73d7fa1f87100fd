# Waits until what a killed muster left of a step is over, and ends it where it is not. Read from standard input by bash,
# which then reads, each up to a NUL: seconds of grace, the supervisor's process and when it began, the step's and when it
# began. Prints `ended` where something ran.
field grace && field supervisor && field supervisor_began && field step && field step_began || exit 125

runs() { [ "$(began "$supervisor")" = "$supervisor_began" ]; }

# The session of the step: a number that a session has is given to no other process.
remains() {
  [ -n "$step" ] || return 1
  now=$(began "$step")
  [ -z "$now" ] || [ "$now" = "$step_began" ] || return 1
  [ -n "$(members "$step")" ]
}

runs || remains || exit 0
echo ended
# The supervisor sees that muster is gone, and ends its step by itself.
deadline=$((SECONDS + grace + 5))
while runs && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.05; done
! runs || kill -s KILL "$supervisor"
! remains || end_session "$step" "$grace"
