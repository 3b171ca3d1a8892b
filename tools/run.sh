#!/bin/bash
# What `make run` does after building: one Maru in run/, until Ctrl-C or until a program dies.
#   tools/run.sh PORT
# S3=1: with a bucket for files in a Swift of its own (tests/s3/swift.mjs), on port PORT + 10 and the three after it.
# TURN=1: with a relay for calls, a coturn of its own (tests/turn.mjs), on port PORT + 20, for browsers on this host.
# SFU=1: with a Janus of its own for the calls of rooms (tests/janus.mjs), on ports PORT + 30 and PORT + 130, for the same.
set -eu
cd "$(dirname "$0")/.."

PORT=${1:-8080}
DIR=run
up=no
beside=() # pids
settings=(log_level=info room_webhooks=on link_previews=on)

# shellcheck disable=SC2317,SC2329 # called by the trap
finish() {
	trap '' INT TERM HUP
	echo
	[ "$up" = no ] || tools/stack.sh down "$DIR"
	[ ${#beside[@]} = 0 ] || kill "${beside[@]}" 2>/dev/null || true
}

# start_beside NAME COMMAND...: starts a server that says "ready" when it is.
start_beside() {
	local name=$1 end=$((SECONDS + 60)) pid

	shift
	mkdir -p "$DIR/log"
	setsid "$@" >"$DIR/log/$name.log" 2>&1 </dev/null &
	pid=$!
	beside+=("$pid")
	until grep -qs '^ready' "$DIR/log/$name.log"; do
		if ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $end ]; then
			tail -n 20 "$DIR/log/$name.log" >&2
			echo "$name does not start, see above" >&2
			exit 1
		fi
		sleep 0.1
	done
}

# Its data stays in run/swift, like everything else.
start_swift() {
	local port=$((PORT + 10))

	start_beside swift node tests/s3/swift.mjs "$DIR/swift" "$port"
	settings+=("s3_endpoint=http://127.0.0.1:$port" s3_bucket=maru-files s3_region=us-east-1
		s3_access_key=test:tester s3_secret_key=testing)
	echo "swift ... ready on http://127.0.0.1:$port, bucket maru-files"
}

start_turn() {
	local port=$((PORT + 20)) secret

	secret=$(openssl rand -hex 32)
	TURN_SECRET=$secret start_beside turn node tests/turn.mjs "$DIR/turn" "$port"
	settings+=("turn_urls=turn:127.0.0.1:$port?transport=udp, turn:127.0.0.1:$port?transport=tcp" "turn_secret=$secret")
	echo "coturn ... ready on turn:127.0.0.1:$port"
}

start_sfu() {
	local port=$((PORT + 30)) secret key

	secret=$(openssl rand -hex 32)
	key=$(openssl rand -hex 16)
	SFU_SECRET=$secret SFU_ADMIN_KEY=$key start_beside janus node tests/janus.mjs "$DIR/janus" "$port"
	settings+=("sfu_url=http://127.0.0.1:$port/janus" "sfu_secret=$secret" "sfu_admin_key=$key")
	echo "janus ... ready on http://127.0.0.1:$port/janus"
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
[ -z "${TURN:-}" ] || start_turn
[ -z "${SFU:-}" ] || start_sfu
tools/stack.sh up "$DIR" "$PORT" "${settings[@]}"
up=yes
echo "Maru is running: http://localhost:$PORT  (Ctrl-C stops it)"
while pid_files_are_alive >&2; do
	# A builtin is interrupted by a signal at once, a command is not.
	sleep 1 &
	wait $! || true
done
exit 1
