/* SPDX-License-Identifier: MIT */
/* The queue behind hooks.h. */
#include "hooks.h"

#include "bus.h"
#include "channel.h"
#include "clock.h"
#include "conf.h"
#include "grant.h"
#include "later.h"
#include "log.h"
#include "pace.h"
#include "table.h"

#include <assert.h>

#define EVENT_MAX ((size_t)WIRE_MAX - 1024) /* of JSON; fits into a packet */

static const char *const names[HOOKS] = {
    [HOOK_OCCUPIED] = "channel_occupied",
    [HOOK_VACATED] = "channel_vacated",
    [HOOK_MEMBER_ADDED] = "member_added",
    [HOOK_MEMBER_REMOVED] = "member_removed",
    [HOOK_CLIENT_EVENT] = "client_event",
    [HOOK_CACHE_MISS] = "cache_miss",
    [HOOK_COUNT] = "subscription_count",
};

/* A channel whose last subscriber went a moment ago. */
struct vacancy {
	UT_hash_handle hh;
	struct later told;
	uint32_t n;
	char channel[];
};

static struct {
	bool on;
	bool wanted[HOOKS];
	struct str queue[HOOKS_KEPT]; /* malloc() owns the texts */
	uint32_t first, count;
	size_t bytes;
	struct vacancy *vacancies;
	struct later retry;
	struct pace losses; /* log lines */
} hooks;

static bool
is_name(struct str word)
{
	for (unsigned i = 0; i < HOOKS; i++) {
		if (str_eq(word, str_of(names[i])))
			return true;
	}
	return false;
}

static void
check_names(const char *list)
{
	size_t n;

	for (list += strspn(list, " "); *list != '\0'; list += n + strspn(list + n, " ")) {
		n = strcspn(list, " ");
		if (!is_name((struct str){list, n}))
			log_warn("webhook_events: there is no event \"%.*s\"", (int)n, list);
	}
}

void
hooks_start(const struct conf *conf)
{
	check_names(conf->webhook_events);
	hooks.on = true;
	for (unsigned i = 0; i < HOOKS; i++)
		hooks.wanted[i] = conf_list_has(conf->webhook_events, str_of(names[i]));
}

/* ---- the queue */

static void
drop_first(void)
{
	struct str *s = &hooks.queue[hooks.first];

	hooks.bytes -= s->n;
	free((char *)(uintptr_t)s->p);
	*s = (struct str){NULL, 0};
	hooks.first = (hooks.first + 1) % HOOKS_KEPT;
	hooks.count--;
}

static void
on_retry(struct later *l)
{
	(void)l;
	hooks_flush();
}

void
hooks_flush(void)
{
	while (hooks.count > 0) {
		const struct wire_packet p = {.op = WIRE_HOOK, .body = hooks.queue[hooks.first]};

		if (!bus_ask(&p))
			break;
		drop_first();
	}
	if (hooks.count > 0 && hooks.on && !later_waits(&hooks.retry))
		later_put_off(&hooks.retry, LATER_SECOND, on_retry);
}

static void
enqueue(struct buf *event)
{
	char *copy;

	if (event->full || (copy = malloc(event->n)) == NULL)
		return;
	while (hooks.count == HOOKS_KEPT ||
	       (hooks.count > 0 && hooks.bytes + event->n > HOOKS_BYTES)) {
		drop_first();
		if (pace_allow(&hooks.losses, 1, clock_mono()))
			log_warn("webhooks: maru-api's feeder takes none, the oldest are lost");
	}
	memcpy(copy, event->p, event->n);
	hooks.queue[(hooks.first + hooks.count++) % HOOKS_KEPT] = (struct str){copy, event->n};
	hooks.bytes += event->n;
	hooks_flush();
}

/* ---- the events */

bool
hooks_want(enum hook what)
{
	return hooks.wanted[what];
}

static bool
is_told(enum hook what, struct str channel)
{
	enum wire_kind kind;
	uint64_t id;

	return hooks.wanted[what] && channel.p[0] != '#' && !channel_read(channel, &kind, &id) &&
	       !channel_read_call(channel, &id);
}

static void
add_text(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":\"", name);
	buf_addjson(b, value.p, value.n);
	buf_addch(b, '"');
}

static void
begin(struct buf *b, enum hook what, struct str channel)
{
	buf_init(b, EVENT_MAX);
	buf_printf(b, "{\"name\":\"%s\"", names[what]);
	add_text(b, "channel", channel);
}

static void
end(struct buf *b)
{
	buf_addch(b, '}');
	enqueue(b);
	buf_finish(b);
}

static void
tell_channel(enum hook what, struct str channel)
{
	struct buf b;

	if (!is_told(what, channel))
		return;
	begin(&b, what, channel);
	end(&b);
}

static void
on_vacated(struct later *l)
{
	struct vacancy *v = (struct vacancy *)((char *)l - offsetof(struct vacancy, told));

	HASH_DELETE(hh, hooks.vacancies, v);
	tell_channel(HOOK_VACATED, (struct str){v->channel, v->n});
	free(v);
}

static void
vacate(struct str channel)
{
	struct vacancy *v = calloc(1, sizeof(*v) + channel.n);

	if (v == NULL)
		abort();
	v->n = (uint32_t)channel.n;
	memcpy(v->channel, channel.p, channel.n);
	HASH_ADD_KEYPTR(hh, hooks.vacancies, v->channel, v->n, v);
	later_put_off(&v->told, LATER_LINGER, on_vacated);
}

/* Whether the channel was vacated only a moment ago, which nobody needs to know then. */
static bool
reoccupy(struct str channel)
{
	struct vacancy *v;

	HASH_FIND(hh, hooks.vacancies, channel.p, channel.n, v);
	if (v == NULL)
		return false;
	later_call_off(&v->told);
	HASH_DELETE(hh, hooks.vacancies, v);
	free(v);
	return true;
}

void
hooks_channel(enum hook what, struct str channel)
{
	/* The members of a presence channel have lingered already. */
	bool lingers = grant_kind(channel) != GRANT_PRESENCE;

	if (!is_told(what, channel) && !(what == HOOK_VACATED && is_told(HOOK_OCCUPIED, channel)))
		return;
	if (what == HOOK_VACATED && lingers)
		vacate(channel);
	else if (what != HOOK_OCCUPIED || !reoccupy(channel))
		tell_channel(what, channel);
}

void
hooks_member(enum hook what, struct str channel, struct str id)
{
	struct buf b;

	if (!is_told(what, channel))
		return;
	begin(&b, what, channel);
	add_text(&b, "user_id", id);
	end(&b);
}

void
hooks_count(struct str channel, uint32_t count)
{
	struct buf b;

	if (!is_told(HOOK_COUNT, channel))
		return;
	begin(&b, HOOK_COUNT, channel);
	buf_printf(&b, ",\"subscription_count\":%u", count);
	end(&b);
}

void
hooks_said(const struct hooks_saying *s)
{
	struct buf b;

	if (!is_told(HOOK_CLIENT_EVENT, s->channel))
		return;
	begin(&b, HOOK_CLIENT_EVENT, s->channel);
	add_text(&b, "event", s->event);
	add_text(&b, "data", s->data);
	add_text(&b, "socket_id", s->socket_id);
	if (s->user_id.n > 0)
		add_text(&b, "user_id", s->user_id);
	end(&b);
}

void
hooks_stop(void)
{
	hooks.on = false;
	later_call_off(&hooks.retry);
	while (hooks.vacancies != NULL)
		(void)reoccupy((struct str){hooks.vacancies->channel, hooks.vacancies->n});
	while (hooks.count > 0)
		drop_first();
	memset(hooks.wanted, 0, sizeof(hooks.wanted));
}
