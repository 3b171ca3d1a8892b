#!/bin/bash
# What `make run` does after building: one Maru in run/, until Ctrl-C or until a program dies.
#   tools/run.sh PORT
set -eu
cd "$(dirname "$0")/.."

PORT=${1:-8080}
DIR=run
up=no

# shellcheck disable=SC2317,SC2329 # called by the trap
finish() {
	trap '' INT TERM HUP
	echo
	[ "$up" = no ] || tools/stack.sh down "$DIR"
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
tools/stack.sh up "$DIR" "$PORT" log_level=info room_webhooks=on link_previews=on
up=yes
trap finish EXIT
echo "Maru is running: http://localhost:$PORT  (Ctrl-C stops it)"
while pid_files_are_alive >&2; do
	# A builtin is interrupted by a signal at once, a command is not.
	sleep 1 &
	wait $! || true
done
exit 1
