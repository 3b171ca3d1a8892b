#!/bin/bash
# Runs tests and ends with one line that sums them up: "N passed, N failed".
#   tools/test.sh               everything
#   tools/test.sh unit          the unit tests in C, under AddressSanitizer and UBSan
#   tools/test.sh system        the tests in JavaScript, against whole private stacks; they must see whatever web/docs promises
#   tools/test.sh FILE ...      these
# MARU_BUILD: the build that the stacks run. UNIT_BUILD, UNIT_FLAGS: how the unit tests are built.
set -eu
cd "$(dirname "$0")/.."
shopt -s nullglob

export MARU_BUILD=${MARU_BUILD:-build}
UNIT_BUILD=${UNIT_BUILD:-build/unit}
UNIT_FLAGS=${UNIT_FLAGS:-SAN=address,undefined}
PASSED=0
FAILED=0
SKIPPED=0
LOG=$(mktemp)
SEEN=$(mktemp)
trap 'rm -f "$LOG" "$SEEN"' EXIT

# Adds up the numbers that a sed expression finds in the log.
sum() {
	sed -nE "$1" "$LOG" | awk '{ n += $1 } END { print n + 0 }'
}

# One cmocka program; what it prints is shown only if something is wrong.
unit_test() {
	local name=$1 ok=0 passed failed

	timeout -k 5 120 "$UNIT_BUILD/$name" >"$LOG" 2>&1 </dev/null || ok=$?
	passed=$(sum 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p')
	failed=$(sum 's/^\[  FAILED  \] ([0-9]+) test.*/\1/p')
	[ $ok = 0 ] || [ "$failed" != 0 ] || failed=1
	[ "$failed" = 0 ] || cat "$LOG"
	echo "$name: $passed passed, $failed failed"
	PASSED=$((PASSED + passed))
	FAILED=$((FAILED + failed))
	SKIPPED=$((SKIPPED + $(sum 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p')))
}

unit_tests() {
	local file

	[ $# -gt 0 ] || return 0
	make --no-print-directory -s -j"$(nproc)" B="$UNIT_BUILD" "$UNIT_FLAGS" unit-programs >/dev/null
	for file in "$@"; do unit_test "${file%.c}"; done
}

system_tests() {
	[ $# -gt 0 ] || return 0
	node --test --test-concurrency=1 \
		--test-reporter=spec --test-reporter-destination=stdout \
		--test-reporter=tap --test-reporter-destination="$LOG" "$@" </dev/null || true
	# No summary: node itself came to grief.
	grep -q '^# pass ' "$LOG" || FAILED=$((FAILED + 1))
	PASSED=$((PASSED + $(sum 's/^# pass ([0-9]+)$/\1/p')))
	FAILED=$((FAILED + $(sum 's/^# (fail|cancelled) ([0-9]+)$/\2/p')))
	SKIPPED=$((SKIPPED + $(sum 's/^# (skipped|todo) ([0-9]+)$/\2/p')))
}

# What is documented and was seen in no test is wrong, or lacks one; tests/contract.mjs names it.
contract_test() {
	if node tests/contract.mjs "$MARU_CONTRACT"; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
}

UNIT=()
SYSTEM=()
WHOLE=
[ $# -gt 0 ] || set -- unit system
for what in "$@"; do
	case $what in
	unit) UNIT+=(tests/*/*_test.c) ;;
	system)
		SYSTEM+=(tests/{api,ctl,push,sdk,e2e,chaos,bench}/*.test.mjs)
		export MARU_CONTRACT=${MARU_CONTRACT:-$SEEN}
		WHOLE=1
		;;
	*_test.c) UNIT+=("$what") ;;
	*.mjs) SYSTEM+=("$what") ;;
	*)
		echo "tools/test.sh: what is \"$what\"? unit, system, or files" >&2
		exit 2
		;;
	esac
done
unit_tests "${UNIT[@]}"
system_tests "${SYSTEM[@]}"
[ -z "$WHOLE" ] || contract_test

[ $((PASSED + FAILED)) -gt 0 ] || echo 'there was no test to run'
summary="$PASSED passed, $FAILED failed"
[ $SKIPPED = 0 ] || summary="$summary, $SKIPPED skipped"
echo "$summary"
[ $FAILED = 0 ] && [ $PASSED -gt 0 ]
