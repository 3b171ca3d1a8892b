#!/bin/bash
# `make lint`: every check is run, then the failed ones are named.
#   tools/lint.sh BUILD      BUILD has the generated sql.h and maru-api
set -eu
cd "$(dirname "$0")/.."
shopt -s nullglob

BUILD=${1:-build}
FAILED=
OURS=({api,ctl,push,shared,bench}/*.[ch] tests/*/*.[ch])
FLAGS="-std=c11 -D_GNU_SOURCE -DMARU_VERSION=\"lint\" -I. -Ishared -I$BUILD -Iapi
	$(pkg-config --cflags-only-I jansson libmariadb libwebsockets libsodium libcurl libmd libutf8proc libxml-2.0)"

check() {
	local name=$1 out

	shift
	if out=$("$@" 2>&1); then
		echo "$name ... ok"
	else
		printf '%s\n%s ... FAILED\n' "$out" "$name"
		FAILED="$FAILED $name"
	fi
}

tidy() {
	# shellcheck disable=SC2016 # the inner shell expands
	printf '%s\n' {api,ctl,push,shared}/*.c | FLAGS=$FLAGS xargs -P 2 -I '{}' sh -c '
		out=$(clang-tidy --quiet {} -- $FLAGS 2>/dev/null) || { echo "$out" | grep -A 2 " error: "; exit 1; }'
}

# Other versions lay out some macros otherwise; there can be only one judge.
if clang-format --version | grep -q 'version 14\.'; then
	check clang-format clang-format --dry-run -Werror "${OURS[@]}"
else
	echo 'clang-format ... skipped: the layout is that of version 14 (Debian 12)'
fi
check clang-tidy tidy
check cppcheck cppcheck -q --std=c11 --enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 -j2 -D_GNU_SOURCE -I. -I"$BUILD" --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
	--library=tests/lint/cppcheck.cfg api ctl push shared
check shellcheck shellcheck tools/*.sh tests/lint/*.sh .ci/run
check types npx tsc -p web
check types-worker npx tsc -p web/worker
check page node tests/lint/page.mjs
check includes tests/lint/includes.sh
check limits tests/lint/limits.sh
check fresh tests/lint/fresh.sh "$BUILD"
[ -z "$FAILED" ] || {
	echo "lint:$FAILED failed"
	exit 1
}
