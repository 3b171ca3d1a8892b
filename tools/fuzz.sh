#!/bin/bash
# `make fuzz`: runs the targets of tests/fuzz/ one after the other.
#   tools/fuzz.sh BUILD SECONDS [NAME]      SECONDS 0: the corpus only
# What a target found on its way stays in BUILD/corpus/NAME for the next time; an input that broke
# something is in BUILD/crashes. The status is 1 if there was one.
set -eu
cd "$(dirname "$0")/.."
shopt -s nullglob

BUILD=$1
SECONDS_EACH=$2
ONLY=${3:-}
export UBSAN_OPTIONS=print_stacktrace=1
FOUND=0
RUN=0

die() {
	echo "tools/fuzz.sh: $*" >&2
	exit 2
}

# Prints a number that libFuzzer told last.
told() {
	sed -nE "s/$2/\\1/p" "$1" | tail -n 1 | grep . || echo 0
}

# What is wrong, and how to see it again.
explain() {
	local program=$1 log=$2 input

	tail -n 60 "$log"
	input=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$log" | tail -n 1)
	printf '\n%s found something. Again, and again with gdb:\n  %s %s\n  gdb --args %s %s\n\n' \
		"$program" "$program" "${input:-tests/fuzz/corpus/${program##*/}}" "$program" "$input"
}

fuzz() {
	local name=$1 program=$BUILD/tests/fuzz/$1_fuzz seeds=tests/fuzz/corpus/$1 log=$BUILD/fuzz-$1.log
	local options=(-artifact_prefix="$BUILD/crashes/$1-" -timeout=20 -print_final_stats=1) ok=0

	mkdir -p "$BUILD/crashes" "$BUILD/corpus/$name"
	if [ "$SECONDS_EACH" = 0 ]; then
		"$program" "${options[@]}" -runs=0 "$seeds" >"$log" 2>&1 </dev/null || ok=1
	else
		[ ! -e "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
		"$program" "${options[@]}" -max_total_time="$SECONDS_EACH" "$BUILD/corpus/$name" "$seeds" \
			>"$log" 2>&1 </dev/null || ok=1
	fi
	RUN=$((RUN + 1))
	if [ $ok = 0 ] && [ "$SECONDS_EACH" = 0 ]; then
		echo "$name: ok, $(find "$seeds" -type f | wc -l) inputs"
	elif [ $ok = 0 ]; then
		echo "$name: ok, $(told "$log" '^stat::number_of_executed_units: *([0-9]+)') runs," \
			"$(told "$log" '^stat::average_exec_per_sec: *([0-9]+)') per second," \
			"$(told "$log" '.* cov: ([0-9]+) .*') edges"
	else
		explain "$program" "$log"
		FOUND=$((FOUND + 1))
	fi
}

[[ $SECONDS_EACH =~ ^[0-9]+$ ]] || die "T is a number of seconds, not \"$SECONDS_EACH\""
for source in tests/fuzz/*_fuzz.c; do
	target=$(basename "$source" _fuzz.c)
	case $ONLY in '' | "$target") fuzz "$target" ;; esac
done
[ $RUN -gt 0 ] || die "there is no target \"$ONLY\" in tests/fuzz/"
echo "$RUN targets, $FOUND of them found something"
[ $FOUND = 0 ]
