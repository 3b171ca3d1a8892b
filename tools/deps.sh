#!/bin/bash
# Installs the Debian packages that a target of the Makefile needs and that are missing:
#   tools/deps.sh run|s3|turn|sfu|sdk|test|lint|fuzz|bench ...
# Says nothing and asks nobody when everything is there. Debian 12 and 13.
set -eu
cd "$(dirname "$0")/.."

# The -core packages of MariaDB are its programs alone: no system service, no /var/lib/mysql.
RUN='gcc libc6-dev make pkg-config mawk curl openssl nginx mariadb-server-core mariadb-client-core
	libwebsockets-dev libwebsockets-evlib-ev libev-dev libfcgi-dev libmariadb-dev libjansson-dev
	libsodium-dev libcurl4-openssl-dev libmd-dev libutf8proc-dev libxml2-dev libseccomp-dev uthash-dev tzdata libvips-tools'
# What the page is built with; see packages_of.
NODE='nodejs npm'
# python3-swift is the S3 server of the tests, see tests/s3/swift.mjs; without the packages swift-*, which bring services.
S3='python3-swift'
# The relay of calls, see tests/turn.mjs.
TURN='coturn'
# The server of large calls, see tests/janus.mjs. Not every release has it; tests that need it are left out there.
SFU='janus'
# The fonts are for the pictures in docs/: Korean, and what people put at the end of a sentence.
TEST='libcmocka-dev chromium python3-aiosmtpd php-cli php-curl ffmpeg fonts-nanum fonts-noto-color-emoji'
# Debian switches a module on for the system's nginx only; Maru's own does not read /etc/nginx/modules-enabled.
BENCH='libnginx-mod-nchan mariadb-plugin-mroonga sqlmap'
FUZZ='clang libclang-rt-dev llvm libcmocka-dev'
LINT='clang clang-tidy clang-format cppcheck python3 shellcheck gcovr'

die() {
	printf 'deps: %s\n' "$*" >&2
	exit 1
}

# Node 18 or newer from anywhere will do; a Node that is not Debian's must not be replaced.
node_is_enough() {
	command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

# Prints those of the named packages that this release has. Whether SFU is one of them nobody knows before the lists were
# read; of a name that only other packages speak of there is no candidate.
there_of() {
	local name

	for name in "$@"; do
		[ "$name" = "$SFU" ] && compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null &&
			! LC_ALL=C apt-cache policy "$name" | grep -q 'Candidate: [^(]' || echo "$name"
	done
}

packages_of() {
	case $1 in
	sdk) node_is_enough || echo "$NODE" ;;
	run) echo "$RUN $(packages_of sdk)" ;;
	s3) echo "$S3" ;;
	turn) echo "$TURN" ;;
	sfu) echo "$SFU" ;;
	test) echo "$(packages_of run) $TEST $S3 $TURN $(there_of "$SFU")" ;;
	bench) echo "$(packages_of test) $BENCH" ;;
	lint) echo "$(packages_of run) $LINT" ;;
	fuzz) echo "$(packages_of run) $FUZZ" ;;
	*) die "what is \"$1\"? tools/deps.sh run|s3|turn|sfu|sdk|test|lint|fuzz|bench" ;;
	esac
}

# Prints those of the named packages that are not installed.
missing_of() {
	local installed name

	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
	for name in "$@"; do
		grep -qx "installed $name" <<<"$installed" || echo "$name"
	done
}

# Runs a command as root, however that is done here.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		env "$@"
	else
		sudo env "$@"
	fi
}

quietly() {
	local log

	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# A freshly installed nginx must not start as a system service and take port 80: Maru starts its
# own. policy-rc.d is Debian's way to say so; one that exists already is respected.
install() {
	local policy=/usr/sbin/policy-rc.d apt='apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends' ok=0 name

	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
		die "some packages are missing, and this needs root or sudo: apt-get update && $apt $*"
	echo "installing: $*"
	quietly as_root DEBIAN_FRONTEND=noninteractive apt-get update ||
		echo 'deps: apt-get update failed; trying with the package lists that are there' >&2
	# shellcheck disable=SC2046 # names of packages are words
	set -- $(there_of "$@")
	[ $# -gt 0 ] || return 0
	# shellcheck disable=SC2016,SC2086 # the inner shell expands; the options in $apt are words
	quietly as_root DEBIAN_FRONTEND=noninteractive sh -c '
		policy=$1
		shift
		if [ ! -e "$policy" ]; then
			trap "rm -f $policy" EXIT
			printf "#!/bin/sh\nexit 101\n" >"$policy"
			chmod 755 "$policy"
		fi
		"$@"' sh "$policy" $apt "$@" || ok=1
	# Nor with the next start of the machine: nobody has set it up.
	for name in "$TURN" "$SFU"; do
		case " $* " in *" $name "*) ! command -v systemctl >/dev/null || quietly as_root systemctl disable "$name" || true ;; esac
	done
	[ $ok = 0 ] || die "the installation failed, see above. By hand: $apt $*"
}

# Tests are left out without it, and say so; who wants it by name has to know.
say_whether_there() {
	[ -n "$(there_of "$1")" ] || die "this release of Debian has no package $1 (Debian 12 has)"
}

# node_modules belongs to the lock file: npm's own copy of it is newer when both agree.
node_modules() {
	[ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
	echo "installing: the npm packages of $1/"
	quietly npm ci --prefix "$1" --no-audit --no-fund ||
		die "npm ci failed in $1/, see above"
	touch "$1/node_modules/.package-lock.json"
}

[ $# -gt 0 ] || die 'usage: tools/deps.sh run|s3|turn|sfu|sdk|test|lint|fuzz|bench ...'
command -v dpkg-query >/dev/null ||
	die 'this is not Debian: install the packages named at the top of tools/deps.sh by hand'
wanted=$(for what in "$@"; do packages_of "$what"; done | tr -s ' \t\n' '\n' | sort -u)
# shellcheck disable=SC2086 # names of packages are words
missing=$(missing_of $wanted)
# shellcheck disable=SC2086
[ -z "$missing" ] || install $missing
for what in "$@"; do
	case $what in sfu) say_whether_there "$SFU" ;; esac
	case $what in test | bench) node_modules tests ;; esac
	case $what in bench) node_modules bench/rivals/node ;; esac
done
