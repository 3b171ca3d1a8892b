/* SPDX-License-Identifier: MIT */
/* See follow.h. Waiting subscribers are in wait.c's lists; the order of one stream is stream.c's.
 */
#include "follow.h"

#include "blocked.h"
#include "bus.h"
#include "channel.h"
#include "clock.h"
#include "codes.h"
#include "crash.h"
#include "log.h"
#include "rounds.h"
#include "stats.h"
#include "stream.h"
#include "tell.h"
#include "wait.h"

#include <assert.h>
#include <ev.h>
#include <utlist.h>

#define REORDER_MS 20   /* what two workers may swap */
#define ANSWER_MS  2000 /* then the feeder is asked again */
#define BUSY_TICK  0.01
#define ANY_SEQ    (UINT64_MAX >> 1)
#define REPLAYED   1000 /* ended sessions that are read again at the start */

static struct {
	const struct conf *conf;
	struct ev_loop *loop;
	struct hub *hub;
	struct ev_timer timer; /* runs while anybody is busy */
	struct follow *busy;
	size_t bytes; /* of kept and held messages */
} follows;

/* ---- asking ---- */

static void
set_busy(struct follow *f, bool busy)
{
	if (busy == f->busy)
		return;
	f->busy = busy;
	if (busy)
		DL_APPEND2(follows.busy, f, busy_prev, busy_next);
	else
		DL_DELETE2(follows.busy, f, busy_prev, busy_next);
	if (follows.busy == NULL)
		ev_timer_stop(follows.loop, &follows.timer);
	else if (!ev_is_active(&follows.timer)) /* else it would begin anew, and never end */
		ev_timer_again(follows.loop, &follows.timer);
}

static void
ask(struct follow *f, uint64_t after)
{
	struct wire_packet p = {.op = WIRE_NEED,
	    .kind = f->stream.kind,
	    .stream = f->stream.id,
	    .seq = after,
	    .user = STREAM_FETCH,
	    .mid = f->known ? f->stream.last : 0};

	if (!bus_ask(&p)) {
		stats.questions_unheard++;
		return;
	}
	stats.questions++;
	f->asking = true;
	f->asked_at = clock_mono();
	f->asked_after = after;
}

/* Asks whatever is to be asked now. Where the last event's mid is known it is asked for once more:
 * is what comes next its continuation? */
static void
ask_if_due(struct follow *f, int64_t now)
{
	uint64_t want;

	if (f->asking && now - f->asked_at > ANSWER_MS)
		f->asking = false;
	if (f->asking)
		return;
	if (!f->known)
		ask(f, ANY_SEQ);
	else if ((want = wait_wants(f)) < f->stream.last)
		ask(f, want);
	else if (f->gap_since != 0 && (f->waits != NULL || now - f->gap_since >= REORDER_MS))
		ask(f, f->stream.last - (f->stream.mid != 0));
}

/* ---- delivering ---- */

static void
apply(struct follow *f, const struct stream_event *e)
{
	if (e->user == 0)
		return;
	if (f->stream.kind == WIRE_SYSTEM)
		hub_obey(follows.hub, e->user, e->session, e->sender);
	else
		hub_remove(follows.hub, f->channel, e->user, e->seq);
}

/* False: a subscriber came with a claim that named another event in this place. */
static bool
deliver(struct follow *f, const struct stream_event *e)
{
	const struct channel *ch = f->channel;
	bool same = true;

	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];

		if (i > 0 && i == ch->count / 2)
			CRASH_POINT("push.mid_fanout");
		if (e->seq > s->floor)
			(void)conn_send(s->conn, blocked_view(s, e));
		else if (e->seq == s->floor && s->mid != 0 && s->mid != e->mid)
			same = false;
	}
	apply(f, e);
	return same;
}

/* Keeps as much as those who wait need, and less where memory is short. */
static void
trim(struct follow *f)
{
	bool short_of_memory = follows.bytes > (size_t)follows.conf->push_history_bytes;

	stream_trim(&f->stream, f->waits != NULL  ? STREAM_FETCH
				: short_of_memory ? STREAM_KEEP / 16
						  : STREAM_KEEP);
}

static void
count_bytes(struct follow *f)
{
	follows.bytes += f->stream.bytes - f->counted;
	f->counted = f->stream.bytes;
}

/* Notes what is left to be done. */
static void
take_stock(struct follow *f, int64_t now)
{
	trim(f);
	count_bytes(f);
	if (!stream_has_gap(&f->stream))
		f->gap_since = 0;
	else if (f->gap_since == 0)
		f->gap_since = now;
	set_busy(f, f->gap_since != 0 || f->waits != NULL || f->asking || !f->known);
}

/* The history is another one than we know: everything is read anew. */
static void
fork_off(struct follow *f)
{
	log_warn("%.*s: the log is not the one that was delivered; subscribers reload",
	    (int)hub_name(f->channel).n, hub_name(f->channel).p);
	stats.forks++;
	stream_restart(&f->stream, f->stream.last, 0);
	f->claimed = 0;
	f->known = false;
	f->forked = true;
	f->asking = false;
}

/* Gives out what is in order now, and settles what that decides. */
static void
go_on(struct follow *f)
{
	const struct stream_event *e;
	int64_t now = clock_mono();

	while (f->known && (e = stream_next(&f->stream)) != NULL) {
		f->spoke_at = now;
		if (!deliver(f, e))
			fork_off(f);
	}
	if (f->known && stream_is_forked(&f->stream))
		fork_off(f);
	wait_settle(f, follows.hub, now);
	take_stock(f, now);
}

/* ---- packets ---- */

static struct follow *
find(enum wire_kind kind, uint64_t id)
{
	char name[CHANNEL_TEXT_SIZE];
	size_t n = channel_write(kind, id, name);
	struct channel *ch = hub_channel(follows.hub, (struct str){name, n});

	return ch == NULL ? NULL : ch->follow;
}

static struct stream_event
event_of(const struct wire_packet *p)
{
	struct msg *m = msg_create(p->body);

	m->place = (struct msg_place){p->kind, p->stream, p->seq, p->mid};
	return (struct stream_event){p->seq, p->mid, p->prev, p->user, p->session, p->sender, m};
}

void
follow_event(const struct wire_packet *p)
{
	struct follow *f = find(p->kind, p->stream);
	struct stream_event e;

	if (f == NULL || !f->known) {
		/* Nobody is there to be removed, but a claim may be on its way. */
		if (p->user != 0 && p->kind == WIRE_ROOM)
			revoked_add_member(
			    &follows.hub->revoked, p->user, p->channel, p->seq, clock_wall());
		else if (p->user != 0 && p->kind == WIRE_SYSTEM)
			hub_obey(follows.hub, p->user, p->session, p->sender);
		return;
	}
	stats.events_told++;
	e = event_of(p);
	switch (stream_put(&f->stream, &e)) {
	case STREAM_FORKED: fork_off(f); break;
	case STREAM_KNOWN: stats.events_doubled++; break;
	case STREAM_TAKEN: stats.events_held += p->seq != f->stream.last + 1; break;
	}
	msg_put(e.msg);
	go_on(f);
}

void
follow_fetched(const struct wire_packet *p)
{
	struct follow *f = find(p->kind, p->stream);
	struct stream_event e;

	if (f == NULL)
		return;
	if (!f->asking) {
		f->cut = true;
		return;
	}
	stats.events_fetched++;
	e = event_of(p);
	stream_collect(&f->stream, &e);
	msg_put(e.msg);
	count_bytes(f);
}

/* Whether what the claims of subscribers say is of no more use in another history: who is a member
 * of a room, and for those who wait, how far the stream is. */
static bool
needs_new_claims(const struct follow *f)
{
	return f->stream.kind == WIRE_ROOM ? f->channel->count > 0
					   : f->stream.kind == WIRE_USER && f->waits != NULL;
}

/* The first head that is heard of a stream: from here on it is followed. */
static void
begin(struct follow *f, uint64_t head, uint64_t mid)
{
	uint64_t back = f->stream.kind == WIRE_SYSTEM ? REPLAYED : 0;

	stream_restart(&f->stream, head > back ? head - back : 0, back == 0 ? mid : 0);
	f->stream.target = head;
	f->start = f->stream.last;
	f->known = true;
	if (f->forked && needs_new_claims(f)) {
		follows.hub->revoked.floor = clock_wall();
		tell_return(f);
	} else {
		tell_reset(f, true); /* who was confirmed before was told something else */
	}
	f->forked = false;
}

/* Events from before this stream was followed are known now, and so is whom they removed. */
static void
reach_back(struct follow *f, uint64_t after)
{
	for (uint64_t seq = after + 1; seq <= f->start && seq <= f->stream.last; seq++)
		apply(f, stream_at(&f->stream, seq));
	f->start = after;
}

/* Takes the answer in. What it should have and lacks was erased: subscribers reload. */
static void
merge(struct follow *f, const struct wire_packet *p)
{
	uint64_t sure;

	if (stream_merge(&f->stream, f->asked_after, p->seq, p->mid, &sure) == STREAM_FORKED) {
		fork_off(f);
		return;
	}
	wait_answered(f, f->asked_after, sure, p->seq);
	if (f->asked_after < f->start && stream_covers(&f->stream, f->asked_after))
		reach_back(f, f->asked_after);
	go_on(f);
	while (f->known && f->stream.last < sure) {
		uint64_t before = f->stream.last;

		stream_skip(&f->stream, sure);
		assert(f->stream.last > before);
		tell_reset(f, false);
		go_on(f);
	}
}

void
follow_head(const struct wire_packet *p)
{
	struct follow *f = find(p->kind, p->stream);

	if (f == NULL)
		return;
	if (!f->asking || f->cut || p->user != f->asked_after) {
		stream_forget_answer(&f->stream); /* to an earlier question */
	} else {
		f->asking = false;
		if (f->known)
			merge(f, p);
		else
			begin(f, p->seq, p->prev);
	}
	f->cut = false;
	go_on(f);
}

void
follow_heads(const struct wire_packet *p)
{
	struct wire_head h;

	for (size_t i = 0; i + sizeof(h) <= p->body.n; i += sizeof(h)) {
		struct follow *f;

		memcpy(&h, p->body.p + i, sizeof(h));
		if ((f = find(p->kind, h.id)) == NULL || !f->known)
			continue;
		if (h.head < h.last || stream_head(&f->stream, h.head, h.mid) == STREAM_FORKED)
			fork_off(f);
		go_on(f);
	}
}

void
follow_feeder(void)
{
	for (struct channel *ch = follows.hub->channels; ch != NULL; ch = ch->hh.next) {
		if (ch->follow == NULL)
			continue;
		ch->follow->asking = ch->follow->cut = false;
		stream_forget_answer(&ch->follow->stream);
	}
}

size_t
follow_bytes(void)
{
	return follows.bytes;
}

/* ---- timers ---- */

static void
on_busy(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct follow *f = follows.busy, *next;
	int64_t now = clock_mono();

	(void)loop;
	(void)w;
	(void)events;
	for (; f != NULL; f = next) {
		next = f->busy_next; /* it may leave the list */
		ask_if_due(f, now);
		go_on(f);
	}
}

/* ---- channels ---- */

static struct follow *
create(struct channel *ch, enum wire_kind kind, uint64_t id)
{
	struct follow *f = calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->channel = ch;
	f->spoke_at = clock_mono();
	stream_init(&f->stream, kind, id, 0, 0);
	ch->follow = f;
	rounds_add(f);
	return f;
}

/* From where on a channel has to be followed for its first subscriber: from the head that the claim
 * tells, or, if it was away, from before its last event, unless that is too long ago. */
static void
begin_for(struct follow *f, const struct follow_terms *t)
{
	uint64_t from = t->claim.head;

	if (t->resume && t->after < from && from - t->after <= STREAM_RECOVER)
		from = t->after > 0 ? t->after - 1 : 0;
	f->stream.last = from;
	f->stream.mid = from == t->claim.head ? t->claim.mid : 0;
	f->stream.target = t->claim.head;
	f->start = from;
	f->known = true;
}

void
follow_join(struct sub *s, const struct follow_terms *t)
{
	struct channel *ch = s->channel;
	struct follow *f = ch->follow;
	int64_t now = clock_mono();
	enum wire_kind kind;
	uint64_t id;

	if (f == NULL) {
		(void)channel_read(hub_name(ch), &kind, &id);
		f = create(ch, kind, id);
		begin_for(f, t);
	}
	f->idle_since = 0;
	/* Those who wait already are not looked at: nothing has changed for them. */
	wait_add(f, s, t, follows.hub, now);
	take_stock(f, now);
}

void
follow_part(struct sub *s)
{
	struct follow *f = s->channel->follow;

	if (s->floor == SUB_WAITING)
		wait_remove(f, s);
	if (s->channel->count == 1 && f->stream.kind < WIRE_LOBBY)
		f->idle_since = clock_mono();
}

void
follow_drop(struct channel *ch)
{
	struct follow *f = ch->follow;

	assert(f->waits == NULL);
	set_busy(f, false);
	follows.bytes -= f->counted;
	stream_finish(&f->stream);
	rounds_remove(f);
	free(f);
	ch->follow = NULL;
}

static void
follow_always(enum wire_kind kind)
{
	char name[CHANNEL_TEXT_SIZE];
	size_t n = channel_write(kind, 0, name);
	struct follow *f = create(hub_obtain(follows.hub, (struct str){name, n}), kind, 0);

	set_busy(f, true);
}

void
follow_start(const struct conf *conf, struct ev_loop *loop, struct hub *hub)
{
	follows.conf = conf;
	follows.loop = loop;
	follows.hub = hub;
	ev_timer_init(&follows.timer, on_busy, 0., BUSY_TICK);
	rounds_start(loop, hub);
	follow_always(WIRE_LOBBY);
	follow_always(WIRE_SYSTEM);
}

void
follow_stop(void)
{
	if (follows.loop == NULL)
		return;
	rounds_stop();
	ev_timer_stop(follows.loop, &follows.timer);
	follows.loop = NULL;
}
