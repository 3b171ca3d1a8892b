#!/bin/bash
# `make cover`: runs all tests on a build that counts lines, and prints what they reached.
#   tools/cover.sh BUILD       fails below 80 % of the lines of api/, push/ and shared/
set -eu
cd "$(dirname "$0")/.."

BUILD=$1
find "$BUILD" -name '*.gcda' -delete
status=0
MARU_BUILD=$BUILD UNIT_BUILD=$BUILD/unit UNIT_FLAGS=COVER=1 tools/test.sh || status=1
gcovr --root . --object-directory "$BUILD" --filter 'api/' --filter 'push/' --filter 'shared/' --exclude '.*\.def' \
	--fail-under-line 80 "$BUILD" || status=1
exit $status
