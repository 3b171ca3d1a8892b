#!/bin/bash
# What `make run` does after building: one Maru in run/, until Ctrl-C or until a program dies.
#   tools/run.sh PORT
# S3=1: with a bucket for files in a Swift of its own (tests/s3/swift.mjs), on port PORT + 10 and the three after it.
set -eu
cd "$(dirname "$0")/.."

PORT=${1:-8080}
DIR=run
up=no
swift=
settings=(log_level=info room_webhooks=on link_previews=on)

# shellcheck disable=SC2317,SC2329 # called by the trap
finish() {
	trap '' INT TERM HUP
	echo
	[ "$up" = no ] || tools/stack.sh down "$DIR"
	[ -z "$swift" ] || kill "$swift" 2>/dev/null || true
}

# Its data stays in run/swift, like everything else.
start_swift() {
	local port=$((PORT + 10)) end=$((SECONDS + 60))

	mkdir -p "$DIR/log"
	setsid node tests/s3/swift.mjs "$DIR/swift" "$port" >"$DIR/log/swift.log" 2>&1 </dev/null &
	swift=$!
	until grep -qs '^ready' "$DIR/log/swift.log"; do
		if ! kill -0 "$swift" 2>/dev/null || [ $SECONDS -ge $end ]; then
			tail -n 20 "$DIR/log/swift.log" >&2
			echo 'Swift does not start, see above' >&2
			exit 1
		fi
		sleep 0.1
	done
	settings+=("s3_endpoint=http://127.0.0.1:$port" s3_bucket=maru-files s3_region=us-east-1
		s3_access_key=test:tester s3_secret_key=testing)
	echo "swift ... ready on http://127.0.0.1:$port, bucket maru-files"
}

pid_files_are_alive() {
	local name

	for name in db push api nginx; do
		kill -0 "$(cat "$DIR/pid/$name.pid" 2>/dev/null)" 2>/dev/null || {
			echo "$name has ended. The end of $DIR/log/$name.log:"
			tail -n 20 "$DIR/log/$name.log"
			return 1
		}
	done
}

trap 'exit 0' INT TERM HUP
trap finish EXIT
[ -z "${S3:-}" ] || start_swift
tools/stack.sh up "$DIR" "$PORT" "${settings[@]}"
up=yes
echo "Maru is running: http://localhost:$PORT  (Ctrl-C stops it)"
while pid_files_are_alive >&2; do
	# A builtin is interrupted by a signal at once, a command is not.
	sleep 1 &
	wait $! || true
done
exit 1
