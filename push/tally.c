/* SPDX-License-Identifier: MIT */
/* Counts and when they are told, see tally.h. */
#include "tally.h"

#include "hooks.h"
#include "later.h"
#include "presence.h"
#include "publish.h"

/* Exists for a second after a count was told. */
struct tally {
	struct later pause;
	struct channel *channel;
	const struct conf *conf;
	bool changed;
};

static void
tell_subscriptions(const struct conf *conf, struct channel *ch)
{
	struct buf data;

	hooks_count(hub_name(ch), ch->count);
	if (!conf->push_subscription_count)
		return;
	buf_init(&data, 64);
	buf_printf(&data, "{\"subscription_count\":%u}", ch->count);
	publish_tell(ch, msg_event("pusher_internal:subscription_count", hub_name(ch),
			     (struct str){data.p, data.n}));
	buf_finish(&data);
}

static void on_pause_end(struct later *l);

static void
tell(struct channel *ch)
{
	const struct conf *conf = ch->tally->conf;

	ch->tally->changed = false;
	later_put_off(&ch->tally->pause, LATER_SECOND, on_pause_end);
	if (ch->crowded)
		presence_tell_count(ch);
	else
		tell_subscriptions(conf, ch);
}

static void
on_pause_end(struct later *l)
{
	struct tally *t = (struct tally *)((char *)l - offsetof(struct tally, pause));

	if (t->changed)
		tell(t->channel);
	else
		tally_drop(t->channel);
}

void
tally_changed(const struct conf *conf, struct channel *ch)
{
	if (!ch->crowded && (ch->presence || ch->name[0] == '#' ||
				(!conf->push_subscription_count && !hooks_want(HOOK_COUNT))))
		return;
	if (ch->tally != NULL) {
		ch->tally->changed = true;
		return;
	}
	if ((ch->tally = calloc(1, sizeof(*ch->tally))) == NULL)
		abort();
	ch->tally->channel = ch;
	ch->tally->conf = conf;
	tell(ch);
}

void
tally_drop(struct channel *ch)
{
	if (ch->tally == NULL)
		return;
	later_call_off(&ch->tally->pause);
	free(ch->tally);
	ch->tally = NULL;
}
