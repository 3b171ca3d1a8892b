#!/bin/bash
# One library, one file: a header of another project may be included only where this table says.
# Usage: tests/lint/includes.sh, in the project's root. Silent if all is well.
set -eu

bad=0

# only HEADER FILE...: FILE may end in a slash, then it is a whole directory.
only() {
	local header=$1 hit place allowed

	shift
	while IFS= read -r hit; do
		allowed=no
		for place in "$@"; do
			case $hit in "$place" | "${place%/}"/*) allowed=yes ;; esac
		done
		[ $allowed = yes ] || {
			echo "$hit includes <$header>, which belongs to $* alone"
			bad=1
		}
	done < <(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]${header}[>\"]" {api,ctl,push,shared}/*.[ch])
}

only 'fcgi(app|_stdio|os)\.h' api/fcgi.c
only '(mariadb/)?(mysql|mariadb.*|errmsg|mysqld_error)\.h' api/db.c api/dberr.c
only 'libwebsockets\.h' push/ws.c
only 'curl/curl\.h' shared/s3.c api/remote.c api/fetcher.c
only 'sodium.*\.h' shared/crypt.c
only 'md5\.h' api/appsign.c shared/digest.c
only 'sha[12]\.h' shared/digest.c
only 'jansson\.h' api/ ctl/ push/client.c push/signin.c push/blocked.[ch] shared/veil.[ch]
only 'seccomp\.h' api/lockdown.c
only 'utf8proc\.h' api/gram.c
only 'libxml/.*\.h' api/webpage.c
only 'ev\.h' push/
only 'pthread\.h' push/
exit $bad
