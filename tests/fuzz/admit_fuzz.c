/* SPDX-License-Identifier: MIT */
/* link: push.a shared.a */
/* Names that strangers send: who may open a websocket (admit.h), which stream a channel is
 * (channel.h), which names are allowed (grant.h), and lists in the settings. */
#include "fuzz.h"

#include "push/admit.h"
#include "push/codes.h"
#include "push/grant.h"
#include "push/stats.h"
#include "push/turn.h"

#include "shared/channel.h"
#include "shared/conf.h"

#include <strings.h>

/* grant.h comes with connections, of which there are none. */
struct stats stats;

void
turn_wake(struct conn *c)
{
	(void)c;
}

void
turn_flush(struct conn *c)
{
	(void)c;
}

void
turn_end(struct conn *c, unsigned code, const char *why)
{
	(void)c;
	(void)code;
	(void)why;
}

/* A channel is ours exactly if it is the name that we would write. */
static void
check_channel(struct str name)
{
	char again[CHANNEL_TEXT_SIZE];
	enum wire_kind kind;
	uint64_t id;

	if (!channel_read(name, &kind, &id))
		return;
	CHECK(str_eq(name, (struct str){again, channel_write(kind, id, again)}));
	CHECK((id > 0) == (kind == WIRE_ROOM || kind == WIRE_USER));
	CHECK(grant_name_ok(name) == (kind != WIRE_SYSTEM));
	CHECK((grant_kind(name) == GRANT_PRESENCE) == (kind == WIRE_ROOM));
	CHECK((grant_kind(name) == GRANT_PRIVATE) == (kind == WIRE_USER));
}

static void
check_number(uint64_t number)
{
	static const enum wire_kind kinds[] = {WIRE_ROOM, WIRE_USER, WIRE_LOBBY, WIRE_SYSTEM};
	enum wire_kind kind = kinds[number >> 62], found_kind;
	uint64_t id = number % ((uint64_t)1 << 54), found_id;
	char name[CHANNEL_TEXT_SIZE];
	size_t n = channel_write(kind, id, name);
	bool numbered = kind == WIRE_ROOM || kind == WIRE_USER;
	bool ours = !numbered || (id > 0 && id < (uint64_t)1 << 53);

	CHECK(n < CHANNEL_TEXT_SIZE && n == strlen(name));
	CHECK(channel_read((struct str){name, n}, &found_kind, &found_id) == ours);
	CHECK(!ours || (found_kind == kind && found_id == (numbered ? id : 0)));
}

static bool
is_text(struct str s, const char *text)
{
	return s.n == strlen(text) && (s.n == 0 || strncasecmp(s.p, text, s.n) == 0);
}

/* Whether origin is the server of this Host header: the scheme's port may be left out on both
 * sides. */
static bool
is_own(struct str origin, struct str host)
{
	static const char *const schemes[] = {"https://", "http://"}, *const ports[] = {
									  ":443", ":80"};
	char text[1200];
	bool own = false;

	for (unsigned i = 0; i < 2; i++) {
		size_t port = strlen(ports[i]);
		size_t n =
		    host.n > port && is_text((struct str){host.p + host.n - port, port}, ports[i])
			? host.n - port
			: host.n;

		(void)snprintf(text, sizeof(text), "%s%.*s", schemes[i], (int)n, host.p);
		own = own || is_text(origin, text);
		(void)snprintf(
		    text, sizeof(text), "%s%.*s%s", schemes[i], (int)n, host.p, ports[i]);
		own = own || is_text(origin, text);
	}
	return own;
}

static bool
has_nul(struct str s)
{
	return s.n > 0 && memchr(s.p, '\0', s.n) != NULL;
}

/* The words of a list, one by one. */
static bool
is_listed(const char *list, struct str item)
{
	char copy[256], *state = NULL;
	bool listed = false;

	(void)snprintf(copy, sizeof(copy), "%s", list);
	for (char *w = strtok_r(copy, " ", &state); w != NULL; w = strtok_r(NULL, " ", &state))
		listed = listed || str_eq(str_of(w), item);
	return listed;
}

static void
check_origin(struct str origin, struct str host, struct str list)
{
	char sites[256];
	bool admitted;

	if (host.n == 0 || has_nul(host)) /* ws.c asks for a Host first; headers have no NUL */
		return;
	(void)snprintf(sites, sizeof(sites), "%.*s", (int)list.n, list.p);
	admitted = admit_origin(origin, host, sites);
	CHECK(admitted == (origin.n == 0 || is_own(origin, host) || is_listed(sites, origin)));
}

static void
check_app(struct str path, struct str protocol)
{
	const char *why = "";
	unsigned code = admit_app(path, protocol, "maru", &why);

	CHECK((code == 0) == (why == NULL));
	CHECK((code != CODE_UNKNOWN_APP && code != CODE_NO_PATH) == str_eq(path, STR("/app/maru")));
	if (code == 0)
		CHECK(admit_path(path) && protocol.n == 1 && strchr("567", protocol.p[0]) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct str texts[5];

	fuzz_begin();
	check_number(take_number(&b, 8));
	for (unsigned i = 0; i < 4; i++)
		texts[i] = alone(take_until(&b, '\n'));
	texts[4] = alone(take_rest(&b));
	check_channel(texts[0]);
	check_app(texts[1], texts[0]);
	check_origin(texts[2], texts[3], texts[4]);
	for (unsigned i = 0; i < 5; i++)
		drop(texts[i]);
	return 0;
}
