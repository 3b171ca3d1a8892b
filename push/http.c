/* SPDX-License-Identifier: MIT */
/* The few questions of http.h. */
#include "http.h"

#include "cache.h"
#include "channel.h"
#include "grant.h"
#include "presence.h"
#include "stats.h"

#include <inttypes.h>
#include <stdlib.h>

#define ARGUMENT_MAX 8192
#define IDS_MAX      1000
#define BODY_MAX     (HTTP_ANSWER_MAX - 1024)
#define JSON         "application/json"

/* One answer in the making. */
struct answer {
	struct hub *hub;
	const struct http_request *request;
	unsigned status;
	const char *type;
	struct buf body;
	char argument[ARGUMENT_MAX];
};

/* The text of an argument, valid until the next one is asked for. */
static struct str
argument(struct answer *a, const char *name)
{
	const struct http_request *r = a->request;

	return (struct str){
	    a->argument, r->argument(r->peer, name, a->argument, sizeof(a->argument))};
}

static void
fail(struct answer *a, unsigned status, const char *title)
{
	a->status = status;
	a->type = "application/problem+json";
	buf_clear(&a->body);
	buf_printf(
	    &a->body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u}\n", title, status);
}

/* ---- channels ---- */

/* What a list of attributes may name. */
enum { USER_COUNT = 1, SUBSCRIPTION_COUNT = 2, CACHE = 4 };

static unsigned
read_info(struct answer *a)
{
	struct str list = argument(a, "info");
	unsigned info = 0;

	while (list.n > 0) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t n = comma == NULL ? list.n : (size_t)(comma - list.p);

		if (str_eq((struct str){list.p, n}, STR("user_count")))
			info |= USER_COUNT;
		if (str_eq((struct str){list.p, n}, STR("subscription_count")))
			info |= SUBSCRIPTION_COUNT;
		if (str_eq((struct str){list.p, n}, STR("cache")))
			info |= CACHE;
		n += comma != NULL;
		list = (struct str){list.p + n, list.n - n};
	}
	return info;
}

/* Whether a channel is one for applications to see: those of the daemon itself start with '#'. */
static bool
is_listed(const struct channel *ch)
{
	return ch->count > 0 && ch->name[0] != '#';
}

/* Adds the attributes that were asked for, the first after `before`. */
static void
add_attributes(struct buf *out, const struct channel *ch, unsigned info, const char *before)
{
	if ((info & USER_COUNT) != 0 && ch->presence) {
		buf_printf(out, "%s\"user_count\":%u", before, HASH_COUNT(ch->members));
		before = ",";
	}
	if ((info & SUBSCRIPTION_COUNT) != 0)
		buf_printf(out, "%s\"subscription_count\":%u", before, ch->count);
}

/* The data of an event as maru-api writes it, still quoted, up to the quote at its end. Within a
 * text each quote is escaped, so the mark is found nowhere but between the members. */
static struct str
data_of(struct str event)
{
	const struct str mark = STR("\",\"data\":");
	const char *p = memmem(event.p, event.n, mark.p, mark.n), *end = event.p + event.n - 1;

	if (p == NULL || p + mark.n >= end)
		return (struct str){NULL, 0};
	return (struct str){p + mark.n, (size_t)(end - p) - mark.n};
}

/* Adds what is kept of a cache channel, whether anybody listens or not. */
static void
add_cached(struct buf *out, struct str channel, int64_t now)
{
	const struct msg *m = cache_get(channel, now);
	struct str data = m == NULL ? (struct str){NULL, 0} : data_of(msg_text(m));

	if (data.n == 0)
		return;
	buf_addstr(out, ",\"cache\":{\"data\":");
	buf_add(out, data.p, data.n);
	buf_printf(out, ",\"ttl\":%" PRId64 "}", cache_left(channel, now) / 1000);
}

static void
list_channels(struct answer *a)
{
	unsigned info = read_info(a);
	struct str prefix = argument(a, "filter_by_prefix");
	const struct channel *ch;
	const char *before = "";

	if ((info & USER_COUNT) != 0 && grant_kind(prefix) != GRANT_PRESENCE) {
		fail(a, 400, "user_count needs filter_by_prefix=presence-");
		return;
	}
	buf_addstr(&a->body, "{\"channels\":{");
	for (ch = a->hub->channels; ch != NULL; ch = ch->hh.next) {
		if (!is_listed(ch) || !str_starts(hub_name(ch), prefix))
			continue;
		buf_printf(&a->body, "%s\"%.*s\":{", before, (int)ch->name_len, ch->name);
		add_attributes(&a->body, ch, info, "");
		buf_addch(&a->body, '}');
		before = ",";
	}
	buf_addstr(&a->body, "}}");
}

static void
show_channel(struct answer *a, struct str name, int64_t now)
{
	unsigned info = read_info(a);
	const struct channel *ch = hub_channel(a->hub, name);
	bool occupied = ch != NULL && is_listed(ch);

	if ((info & USER_COUNT) != 0 && grant_kind(name) != GRANT_PRESENCE) {
		fail(a, 400, "only presence channels have a user_count");
		return;
	}
	buf_printf(&a->body, "{\"occupied\":%s", occupied ? "true" : "false");
	if (occupied)
		add_attributes(&a->body, ch, info, ",");
	if ((info & CACHE) != 0)
		add_cached(&a->body, name, now);
	buf_addch(&a->body, '}');
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Reads "1,2,3" in ascending order; returns how many there are. */
static size_t
read_ids(struct str list, uint64_t ids[IDS_MAX])
{
	const char *p = list.p, *end = list.p + list.n;
	size_t n = 0;

	while (p < end && n < IDS_MAX) {
		uint64_t id = 0;

		for (; p < end && *p >= '0' && *p <= '9'; p++)
			id = 10 * id + (uint64_t)(*p - '0');
		ids[n++] = id;
		p++;
	}
	return n;
}

static void
list_users(struct answer *a, struct str name)
{
	const struct channel *ch = hub_channel(a->hub, name);
	uint64_t ids[IDS_MAX], user;
	size_t left_out = read_ids(argument(a, "not"), ids);
	const struct member *m;
	const char *before = "";

	if (grant_kind(name) != GRANT_PRESENCE) {
		fail(a, 400, "only presence channels have users");
		return;
	}
	buf_addstr(&a->body, "{\"users\":[");
	for (m = ch == NULL ? NULL : ch->members; m != NULL; m = m->hh.next) {
		struct str id = presence_id(m);

		user = presence_user(m);
		if (bsearch(&user, ids, left_out, sizeof(ids[0]), compare) != NULL)
			continue;
		buf_printf(&a->body, "%s{\"id\":\"", before);
		buf_addjson(&a->body, id.p, id.n);
		buf_addstr(&a->body, "\"}");
		before = ",";
	}
	buf_addstr(&a->body, "]}");
}

/* ---- people ---- */

static void
show_presence(struct answer *a)
{
	struct str users = argument(a, "users");
	const char *p = users.p, *end = users.p + users.n, *before = "";

	buf_addstr(&a->body, "{\"presence\":[");
	while (p < end && *p >= '1' && *p <= '9') {
		char *next;
		uint64_t id = strtoull(p, &next, 10);
		bool here = *next != '-' && hub_is_here(a->hub, id);

		buf_printf(&a->body, "%s{\"id\":%" PRIu64 ",\"online\":%s", before, id,
		    here ? "true" : "false");
		p = next + strcspn(next, ",");
		if (*next == '@' && !here) {
			buf_addstr(&a->body, ",\"seen_at\":\"");
			buf_addjson(&a->body, next + 1, (size_t)(p - next - 1));
			buf_addch(&a->body, '"');
		}
		buf_addch(&a->body, '}');
		before = ",";
		p += *p == ',';
	}
	buf_addstr(&a->body, "]}");
}

/* ---- rooms ---- */

static unsigned
count_present(struct hub *h, uint64_t room)
{
	char name[CHANNEL_TEXT_SIZE];
	const struct channel *ch =
	    hub_channel(h, (struct str){name, channel_write(WIRE_ROOM, room, name)});

	return ch == NULL ? 0 : HASH_COUNT(ch->members);
}

static void
show_occupancy(struct answer *a)
{
	struct str rooms = argument(a, "rooms");
	const char *p = rooms.p, *end = rooms.p + rooms.n, *before = "";

	buf_addstr(&a->body, "{\"occupancy\":[");
	while (p < end && *p >= '1' && *p <= '9') {
		char *next;
		uint64_t id = strtoull(p, &next, 10);

		buf_printf(&a->body, "%s{\"id\":%" PRIu64 ",\"present\":%u}", before, id,
		    *next == '-' ? 0 : count_present(a->hub, id));
		p = next + strcspn(next, ",");
		before = ",";
		p += *p == ',';
	}
	buf_addstr(&a->body, "]}");
}

/* ---- all ---- */

static bool
take(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = (struct str){s->p + prefix.n, s->n - prefix.n};
	return true;
}

static bool
take_end(struct str *s, struct str suffix)
{
	if (s->n <= suffix.n || memcmp(s->p + s->n - suffix.n, suffix.p, suffix.n) != 0)
		return false;
	s->n -= suffix.n;
	return true;
}

static void
fill(struct answer *a, int64_t now)
{
	struct str path = a->request->path;

	if (str_eq(path, STR("/metrics"))) {
		a->type = "text/plain; version=0.0.4";
		stats_write(a->hub, now, &a->body);
	} else if (str_eq(path, STR("/presence"))) {
		show_presence(a);
	} else if (str_eq(path, STR("/occupancy"))) {
		show_occupancy(a);
	} else if (str_eq(path, STR("/channels"))) {
		list_channels(a);
	} else if (!take(&path, STR("/channels/")) || path.n == 0) {
		fail(a, 404, "There is no such thing");
	} else if (take_end(&path, STR("/users"))) {
		list_users(a, path);
	} else {
		show_channel(a, path, now);
	}
}

void
http_answer(struct hub *h, const struct http_request *r, int64_t now, struct buf *out)
{
	struct answer a = {.hub = h, .request = r, .status = 200, .type = JSON};

	buf_init(&a.body, BODY_MAX);
	fill(&a, now);
	if (a.body.full)
		fail(&a, 500, "The answer is too long");
	buf_printf(out,
	    "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n",
	    a.status, a.status == 200 ? "OK" : "Refused", a.type, a.body.n);
	buf_add(out, a.body.p, a.body.n);
	buf_finish(&a.body);
}
