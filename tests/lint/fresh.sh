#!/bin/bash
# What is written in two places must agree. Usage: tests/lint/fresh.sh BUILD, in the project's root.
set -eu

BUILD=${1:-build}
bad=0

complain() {
	echo "$*"
	bad=1
}

# conf/maru.conf is made from shared/conf.def.
settings() {
	diff -u conf/maru.conf <("$BUILD/maru-api" --sample-config) ||
		complain 'conf/maru.conf is old; run: make conf/maru.conf'
}

# Every route is used in a test of the API: by its line of routes.def in a name or a comment
# ("POST /v1/rooms/:room/messages"), or by a call like post(`/v1/rooms/${room.id}/messages`, ...).
routes() {
	local method path call

	while read -r method path; do
		call=${method,,}
		call="${call/delete/del}\\([\`'\"]$(sed -E 's/[:*][a-z_]+/(\$\{[^}]*\}|[^\/`"'\'']+)/g; s/\./\\./g' <<<"$path")[\`'\"?]"
		grep -qsE -- "$method ${path//\*/\\*}([^/:a-z]|$)|$call" tests/api/*.test.mjs ||
			complain "no test in tests/api names the route $method $path"
	done < <(sed -nE 's/^ROUTE\(([A-Z]+), "([^"]+)".*/\1 \2/p' api/routes.def)
}

events() {
	local name

	while read -r name; do
		grep -qw "EV_$name" api/*.c || complain "shared/event.def: nothing in api/ sends $name"
	done < <(sed -nE 's/^EVENT\(([A-Z_]+),.*/\1/p' shared/event.def)
}

# The client builds its pages from text nodes; a string is never parsed as HTML.
web() {
	! grep -nE '\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b' -r web --include='*.js' --include='*.html' ||
		complain 'web/ parses strings as HTML'
}

# nginx words its own errors like maru-api.
problems() {
	local slug title status

	while IFS='|' read -r slug title status; do
		grep -qE "^ERR\([A-Z_]+, $status, \"$slug\", \"$title\"\)" shared/err.def ||
			complain "conf/nginx.conf: $status $slug \"$title\" is not in shared/err.def"
	done < <(sed -nE 's/.*"\/problems\/([a-z-]+)","title":"([^"]+)","status":([0-9]+).*/\1|\2|\3/p' conf/nginx.conf)
}

lock_files() {
	! grep -n '"resolved"' {tests,bench/rivals/node}/package-lock.json | grep -v '"https://registry.npmjs.org/' ||
		complain 'a package-lock.json names another registry than the public one'
}

settings
routes
events
web
problems
lock_files
exit $bad
