#!/bin/sh
# Runs the tests of tally and prints how many passed.
cd "$(dirname "$0")" || exit 1
passed=0
failed=0

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
    echo "ok    $1"
  else
    failed=$((failed + 1))
    echo "FAIL  $1: expected '$2', got '$3'"
  fi
}

check "counts a word" "2 tick" "$(echo 'tick tick' | sh tally.sh)"
check "ignores punctuation" "3 tick" "$(echo 'tick, tick! (tick)' | sh tally.sh)"
check "lists the most frequent word first" "2 tock" "$(echo 'tick tock tock' | sh tally.sh | head -n 1)"
check "prints nothing for empty input" "" "$(sh tally.sh </dev/null)"
check "ignores case" "3 tick" "$(echo 'Tick tick TICK' | sh tally.sh)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
