/* SPDX-License-Identifier: MIT */
/* The rules behind admit.h. */
#include "admit.h"

#include "codes.h"
#include "conf.h"

#include <strings.h>

#define APP STR("/app/")

static bool
same_text(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

/* Takes suffix off the end, if it is there. */
static struct str
without(struct str s, struct str suffix)
{
	if (s.n > suffix.n && same_text((struct str){s.p + s.n - suffix.n, suffix.n}, suffix))
		s.n -= suffix.n;
	return s;
}

static bool
same_host(struct str origin, struct str scheme, struct str port, struct str host)
{
	if (origin.n <= scheme.n || !same_text((struct str){origin.p, scheme.n}, scheme))
		return false;
	origin = (struct str){origin.p + scheme.n, origin.n - scheme.n};
	return same_text(without(origin, port), without(host, port));
}

bool
admit_origin(struct str origin, struct str host, const char *cors_origins)
{
	return origin.n == 0 || same_host(origin, STR("https://"), STR(":443"), host) ||
	       same_host(origin, STR("http://"), STR(":80"), host) ||
	       conf_list_has(cors_origins, origin);
}

bool
admit_path(struct str path)
{
	return str_starts(path, APP);
}

static unsigned
admit_protocol(struct str protocol, const char **why)
{
	if (protocol.n == 0) {
		*why = "The address needs ?protocol=7";
		return CODE_NO_PROTOCOL;
	}
	for (size_t i = 0; i < protocol.n; i++) {
		if (protocol.p[i] < '0' || protocol.p[i] > '9') {
			*why = "The protocol must be a number";
			return CODE_BAD_VERSION;
		}
	}
	if (protocol.n != 1 || protocol.p[0] < '5' || protocol.p[0] > '7') {
		*why = "Only protocol 7 is spoken here";
		return CODE_UNSUPPORTED;
	}
	*why = NULL;
	return 0;
}

unsigned
admit_app(struct str path, struct str protocol, const char *app_key, const char **why)
{
	struct str key = {NULL, 0};

	if (admit_path(path))
		key = (struct str){path.p + APP.n, path.n - APP.n};
	if (key.n == 0 || memchr(key.p, '/', key.n) != NULL) {
		*why = "There is nothing at this path";
		return CODE_NO_PATH;
	}
	if (!str_eq(key, str_of(app_key))) {
		*why = "There is no application of this key";
		return CODE_UNKNOWN_APP;
	}
	return admit_protocol(protocol, why);
}
