#!/bin/bash
# Sizes: a .c file has at most 500 lines, a .h file 120, a function 60, and functions 20 on average.
# Usage: tests/lint/limits.sh, in the project's root. A function is what stands between a brace in
# the first column and the next one, as .clang-format lays it out.
set -eu

awk '
	function judge_file() {
		if (lines > (name ~ /\.h$/ ? 120 : 500)) {
			printf "%s has %d lines; split it\n", name, lines
			bad = 1
		}
	}
	FNR == 1 && NR > 1 { judge_file() }
	{ name = FILENAME; lines = FNR }
	/^\{$/ { start = FNR }
	/^\}$/ && start {
		size = FNR - start + 1
		functions++
		total += size
		if (size > 60) {
			printf "%s:%d: a function of %d lines; split it\n", FILENAME, start, size
			bad = 1
		}
		start = 0
	}
	END {
		judge_file()
		if (functions == 0 || total / functions > 20) {
			printf "functions have %.1f lines on average; 20 is the limit\n", total / functions
			bad = 1
		}
		exit bad
	}' {api,ctl,push,shared}/*.[ch]
