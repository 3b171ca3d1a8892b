#!/bin/bash
# One private Maru: a MariaDB, an nginx, maru-api and maru-push of its own, everything in DIR.
#   tools/stack.sh up DIR PORT [key=value ...]   starts it; the settings go into DIR/maru.conf,
#                                                those named db.X into DIR/my.cnf
#   tools/stack.sh down DIR                      stops what `up` started
#   tools/stack.sh status DIR                    says what runs
#   tools/stack.sh start|stop DIR db|push|api|nginx   one program of a stack that is up
# MARU_BUILD chooses the build (default: build), MARU_LISTEN the address (default: 127.0.0.1).
# Needs no root. The data and the secrets in DIR are kept from one start to the next.
set -eu
umask 077

ROOT=$(realpath "$(dirname "$0")/..")
PROGRAMS='db push api nginx' # in the order of starting
PATH=$PATH:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'stack: %s\n' "$*" >&2
	exit 1
}

# ---- processes -----------------------------------------------------------------------------------

# The file that a program is started with; it tells our processes from all others.
config_of() {
	case $1 in
	db) echo "$DIR/my.cnf" ;;
	nginx) echo "$DIR/nginx.conf" ;;
	*) echo "$DIR/maru.conf" ;;
	esac
}

# Prints the pid of one of our programs if it runs. A pid file alone proves nothing: the number may
# belong to somebody else by now.
pid_of() {
	local pid line

	pid=$(cat "$DIR/pid/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
	line=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || return 1
	case $line in
	*"$(config_of "$1")"*) echo "$pid" ;;
	*) return 1 ;;
	esac
}

show_log() {
	[ -s "$DIR/log/$1.log" ] || return 0
	printf -- '---- the end of %s\n' "$DIR/log/$1.log" >&2
	tail -n 20 "$DIR/log/$1.log" >&2
}

# Gives up: shows why, and leaves nothing running that this call started.
fail() {
	local name=$1

	shift
	show_log "$name"
	trap - EXIT
	stop_started
	die "$*"
}

stop_started() {
	local name

	for name in $STARTED; do stop "$name"; done
	STARTED=
}

# Runs a program in a session of its own, so that Ctrl-C in a terminal does not reach it.
spawn() {
	local name=$1

	shift
	STARTED="$name $STARTED"
	setsid "$@" </dev/null >>"$DIR/log/$name.log" 2>&1 9>&- &
	echo $! >"$DIR/pid/$name.pid"
}

# wait_until NAME SECONDS COMMAND...: until the command succeeds, as long as the program lives.
wait_until() {
	local name=$1 end=$((SECONDS + $2)) pid

	shift 2
	pid=$(cat "$DIR/pid/$name.pid")
	until "$@"; do
		kill -0 "$pid" 2>/dev/null || fail "$name" "$name ended at once"
		[ $SECONDS -lt $end ] || fail "$name" "$name does not get ready"
		sleep 0.05
	done
}

stop() {
	local name=$1 pid end=$((SECONDS + 20))

	if pid=$(pid_of "$name"); then
		kill -TERM "$pid" 2>/dev/null || true
		while pid_of "$name" >/dev/null; do
			if [ $SECONDS -ge $end ]; then
				say "$name ... does not stop, killed"
				kill -KILL "$pid" 2>/dev/null || true
				sleep 0.2
				break
			fi
			sleep 0.05
		done
		say "$name ... stopped"
	fi
	kill_orphans "$name"
	rm -f "$DIR/pid/$name.pid"
}

# If a program was killed the hard way, its workers may live on, in the process group that bears its
# pid. As long as they do, nobody else can get that number.
kill_orphans() {
	local pid

	pid=$(cat "$DIR/pid/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 0
	[ -z "$({ tr -d '\0' <"/proc/$pid/cmdline"; } 2>/dev/null)" ] || return 0
	kill -KILL -- "-$pid" 2>/dev/null || true
}

# ---- the four programs ---------------------------------------------------------------------------

sql() {
	mariadb --no-defaults --default-character-set=utf8mb4 -uroot -S "$SOCK/db.sock" "$@"
}

sql_answers() {
	[ -S "$SOCK/db.sock" ] && sql -e 'DO 0' 2>/dev/null
}

write_my_cnf() {
	local setting

	cat <<-END
		[mariadbd]
		$([ "$(id -u)" != 0 ] || echo user=root)
		datadir=$DIR/data
		tmpdir=$DIR/tmp
		socket=$SOCK/db.sock
		pid-file=$DIR/tmp/mariadbd.pid
		skip-networking
		skip-name-resolve
		skip-log-bin
		character-set-server=utf8mb4
		default-time-zone=+00:00
		innodb-flush-log-at-trx-commit=1
		innodb-buffer-pool-size=64M
		innodb-log-file-size=64M
		innodb-log-buffer-size=4M
		key-buffer-size=1M
		aria-pagecache-buffer-size=4M
		table-open-cache=400
		max-connections=300
		max-allowed-packet=16M
		performance-schema=OFF
		query-cache-type=0
	END
	for setting in "$@"; do
		case $setting in db.*) echo "${setting#db.}" ;; esac
	done
}

# A new data directory gets its name only when it is complete. --force: no matter whether this host
# can look up its own name. --tmpdir: in /tmp two of these, side by side, sweep away each other's files.
create_data() {
	[ ! -d "$DIR/data" ] || return 0
	rm -rf "$DIR/data.new"
	mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$DIR/data.new" \
		--auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --force \
		--tmpdir="$DIR" \
		>"$DIR/log/create.log" 2>&1 9>&- || fail create 'mariadb-install-db failed'
	mv "$DIR/data.new" "$DIR/data"
	say 'database ... created'
}

start_db() {
	rm -f "$SOCK/db.sock"
	# root@localhost has no password: the socket lies in a directory that only we may enter.
	spawn db mariadbd --defaults-file="$DIR/my.cnf"
	wait_until db 60 sql_answers
	say 'database ... ready'
}

load_schema() {
	local password

	password=$(setting db_password)
	sql 2>"$DIR/log/schema.log" <<-END || fail schema 'the database does not take its user'
		CREATE DATABASE IF NOT EXISTS maru CHARACTER SET utf8mb4;
		CREATE USER IF NOT EXISTS maru@localhost;
		ALTER USER maru@localhost IDENTIFIED BY '$password';
		GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON maru.* TO maru@localhost;
	END
	sql maru <"$ROOT/schema.sql" >"$DIR/log/schema.log" 2>&1 ||
		fail schema 'schema.sql was not accepted'
	say 'schema ... loaded'
}

# Prints the value that a setting has in maru.conf.
setting() {
	sed -n "s/^$1 = //p" "$DIR/maru.conf" 2>/dev/null | tail -n 1
}

# The secret in maru.conf, or a new one.
secret() {
	local value

	value=$(setting "$1")
	echo "$1 = ${value:-$(openssl rand -hex 32)}"
}

write_maru_conf() {
	local setting

	echo '# Made by tools/stack.sh. The secrets are kept, everything else is written anew.'
	secret app_secret
	secret token_secret
	secret db_password
	cat <<-END
		db_socket = $SOCK/db.sock
		api_socket = $SOCK/api.sock
		push_socket = $SOCK/push.sock
		bus_socket = $SOCK/bus.sock
		files_dir = $DIR/files
	END
	for setting in "$@"; do
		case $setting in
		db.*) ;;
		*) echo "${setting%%=*} = ${setting#*=}" ;;
		esac
	done
}

start_api() {
	local log=$DIR/log/api.log

	rm -f "$SOCK/api.sock"
	"$BUILD/maru-api" -t -c "$DIR/maru.conf" </dev/null >>"$log" 2>&1 9>&- ||
		fail api 'maru-api does not pass its self-test (maru-api -t)'
	spawn api "$BUILD/maru-api" -c "$DIR/maru.conf"
	wait_until api 20 test -S "$SOCK/api.sock"
	say 'maru-api ... ready'
}

start_push() {
	rm -f "$SOCK/push.sock" "$SOCK/bus.sock"
	spawn push "$BUILD/maru-push" -c "$DIR/maru.conf"
	wait_until push 20 test -S "$SOCK/push.sock" -a -S "$SOCK/bus.sock"
	say 'maru-push ... ready'
}

# What sed does with the lines for the bucket in nginx.conf.
s3_lines() {
	local endpoint scheme host

	endpoint=$(setting s3_endpoint)
	[ -n "$endpoint" ] || {
		echo d
		return
	}
	scheme=${endpoint%%://*}
	host=${endpoint#*://}
	host=${host%%/*}
	case $host in
	*:*) ;;
	*) [ "$scheme" = https ] && host=$host:443 || host=$host:80 ;;
	esac
	echo "s|#S3 ||;s|s3.example.org:443|$host|;s|https:|$scheme:|"
}

# What sed does with the lines for Janus: its websockets are 100 ports above its HTTP, as in conf/janus.
sfu_lines() {
	local port

	port=$(setting sfu_url | sed -n 's|^http://127[.]0[.]0[.]1:\([0-9]*\)/.*|\1|p')
	[ -n "$port" ] && echo "s|#SFU ||;s|:8188/|:$((port + 100))/|" || echo d
}

# conf/nginx.conf with other values on the lines that it marks with "#@".
write_nginx_conf() {
	local user='/#@ user$/d' files connections=33000

	[ "$(id -u)" != 0 ] || user='/#@ user$/s|www-data|root|'
	files=$(ulimit -Hn)
	case $files in unlimited) files=70000 ;; esac
	[ "$files" -ge $connections ] || connections=$files
	sed -e "$user" \
		-e "/#@ pid\$/s|/run/nginx.pid|$DIR/pid/nginx.pid|" \
		-e "/#@ log\$/s|/var/log/nginx/error.log|$DIR/log/nginx.log|" \
		-e "/#@ files\$/s/70000/$files/" \
		-e "/#@ files\$/s/33000/$connections/" \
		-e "/#@ temp\$/s|/var/lib/nginx|$DIR/tmp|" \
		-e "/#@ listen\$/s|80|$LISTEN:$PORT|" \
		-e '/#@ listen6$/d' \
		-e "/#@ web\$/s|/usr/share/maru/web|$BUILD/web|" \
		-e "/#@ sockets\$/s|/run/maru|$SOCK|" \
		-e "/#@ files_dir\$/s|/var/lib/maru/files|$(setting files_dir)|" \
		-e "/#@ s3\$/{$(s3_lines)}" \
		-e "/#@ sfu\$/{$(sfu_lines)}" \
		-e 's|[[:space:]]*#@ .*||' "$ROOT/conf/nginx.conf"
}

# 502, 503, 504: nginx does not reach maru-api yet. 000: curl does not reach nginx.
site_answers() {
	case $(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://$LISTEN:$PORT/v1/readyz" 9>&-) in
	000 | 502 | 503 | 504) return 1 ;;
	esac
}

start_nginx() {
	spawn nginx nginx -e "$DIR/log/nginx.log" -c "$DIR/nginx.conf" -g 'daemon off;'
	wait_until nginx 20 site_answers
	say "nginx ... ready on http://$LISTEN:$PORT"
}

# ---- commands ------------------------------------------------------------------------------------

# Unix sockets have short names (107 bytes); in a deep directory they need another place.
place_sockets() {
	SOCK=$DIR/sock
	if [ ${#SOCK} -gt 90 ]; then
		SOCK=$(sed -n 's/^SOCK=//p' "$DIR/stack" 2>/dev/null || true)
		[ -d "${SOCK:-/nowhere}" ] || SOCK=$(mktemp -d /tmp/maru.XXXXXX)
		say "sockets ... in $SOCK, because $DIR is too long a name for them"
	fi
	mkdir -p "$SOCK"
}

port_is_taken() {
	(exec 3<>"/dev/tcp/$LISTEN/$PORT") 2>/dev/null
}

check_not_running() {
	local name running=''

	for name in $PROGRAMS; do
		pid_of "$name" >/dev/null && running="$running $name"
	done
	[ "$running" != ' db push api nginx' ] ||
		die "a Maru is running in $DIR already; stop it with: tools/stack.sh down $DIR"
	[ -z "$running" ] || say "left over from an earlier start:$running"
	for name in nginx api push db; do stop "$name"; done
}

up() {
	local file

	PORT=${1:-}
	[[ $PORT =~ ^[0-9]+$ ]] || die "usage: tools/stack.sh up DIR PORT [key=value ...]"
	shift
	mkdir -p "$DIR/log" "$DIR/pid" "$DIR/tmp"
	lock
	for file in maru-api maru-push; do
		[ -x "$BUILD/$file" ] || die "$BUILD/$file is not built; run make"
	done
	check_not_running
	! port_is_taken ||
		die "port $PORT is taken by another program; choose another one: make run PORT=$((PORT + 1))"
	place_sockets
	printf '%s\n' "SOCK=$SOCK" "PORT=$PORT" "LISTEN=$LISTEN" "BUILD=$BUILD" >"$DIR/stack"
	for file in "$DIR"/log/*.log; do
		[ ! -e "$file" ] || mv -f "$file" "$file.1"
	done
	write_my_cnf "$@" >"$DIR/my.cnf"
	write_maru_conf "$@" >"$DIR/maru.conf.new"
	mv "$DIR/maru.conf.new" "$DIR/maru.conf"
	write_nginx_conf >"$DIR/nginx.conf"
	trap stop_started EXIT
	trap 'exit 130' INT TERM HUP
	create_data
	start_db
	load_schema
	start_push
	start_api
	start_nginx
	trap - EXIT
}

down() {
	local name

	lock
	for name in nginx push api db; do stop "$name"; done
	case ${SOCK:-} in /tmp/maru.*) rm -rf "$SOCK" ;; esac
}

status() {
	local name pid ok=0

	for name in $PROGRAMS; do
		if pid=$(pid_of "$name"); then
			say "$name ... running, pid $pid"
		else
			say "$name ... not running"
			ok=1
		fi
	done
	return $ok
}

# Two commands at a time in one directory would trip over each other.
lock() {
	exec 9>"$DIR/lock"
	flock -w 60 9 || die "another tools/stack.sh is busy in $DIR"
}

# Reads what `up` decided.
load() {
	[ -f "$DIR/stack" ] || die "there is no Maru in $DIR"
	# shellcheck disable=SC1091 # written by up()
	. "$DIR/stack"
}

# one start|stop NAME
one() {
	case $2 in
	db | push | api | nginx) ;;
	*) die "the programs are: $PROGRAMS" ;;
	esac
	load
	lock
	if [ "$1" = stop ]; then
		stop "$2"
	elif pid_of "$2" >/dev/null; then
		die "$2 is running already"
	else
		kill_orphans "$2"
		"start_$2"
	fi
}

[ $# -ge 2 ] || die 'usage: tools/stack.sh up|down|status|start|stop DIR ... (see its head)'
command=$1
DIR=$(realpath -m "$2")
shift 2
STARTED=
LISTEN=${MARU_LISTEN:-127.0.0.1}
BUILD=$(cd "$ROOT" && realpath -m "${MARU_BUILD:-build}")
# The paths go into three languages of configuration files, none of which quotes alike.
case "$DIR$ROOT" in
*[[:space:]\"\'\;\{\}\$\\\&\|\#\`]*) die "a path with blanks or quotes will not do: $DIR, $ROOT" ;;
esac

case $command in
up) up "$@" ;;
down) load && down ;;
status) load && status ;;
start | stop) one "$command" "${1:-}" ;;
*) die "what is \"$command\"? up, down, status, start or stop" ;;
esac
