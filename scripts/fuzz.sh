#!/bin/bash
# Runs every fuzz target of the module for FUZZTIME (10s) each, one line a target.
# The targets are found by scanning; Go fuzzes only one at a time.
set -eu
cd "$(dirname "$0")/.."
time=${FUZZTIME:-10s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

# Go before 1.27 sometimes reports the end of the fuzzing time itself as a
# failure (go.dev/issue/75804): nothing but "context deadline exceeded" below the
# target's name, and no failing input. A failing target names its file and line.
only_time_ran_out() {
  grep -q '^    context deadline exceeded$' "$log" &&
    ! grep -vqE '^(fuzz: .*|--- FAIL: .*|    context deadline exceeded|FAIL.*|exit status 1|warning: starting with empty corpus)?$' "$log"
}

while IFS=: read -r file target; do
  package=./$(dirname "$file")
  if go test -run='^$' -fuzz="^$target\$" -fuzztime="$time" "$package" >"$log" 2>&1 || only_time_ran_out; then
    runs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -1)
    echo "fuzz $package $target: ${runs:-0} runs in $time"
  else
    failed=1
    echo "fuzz $package $target: FAILED"
    grep -v '^fuzz: elapsed' "$log" || true
  fi
done < <(find . -name '*_test.go' -not -path './.*/*' -not -path './tools/*' |
  sort | xargs -r grep -HoE '^func Fuzz[A-Za-z0-9_]+' | sed -e 's|^\./||' -e 's/func //')
exit "$failed"
