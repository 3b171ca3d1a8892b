/* SPDX-License-Identifier: MIT */
/* The rules behind wait.h. */
#include "wait.h"

#include "blocked.h"
#include "clock.h"
#include "crash.h"
#include "stats.h"

#include <utlist.h>

#define PATIENCE_MS 3000 /* then a client rather reloads */

static const char again[] = "The right to subscribe has to be asked for again";

struct wait {
	struct wait *prev, *next;
	struct sub *sub;
	struct follow_terms terms;
	int64_t since;
	bool answered; /* what the feeder has is here: more will not come */
};

static void
drop(struct follow *f, struct wait *w)
{
	DL_DELETE(f->waits, w);
	free(w);
}

void
wait_remove(struct follow *f, const struct sub *s)
{
	struct wait *w, *next;

	DL_FOREACH_SAFE (f->waits, w, next) {
		if (w->sub == s)
			drop(f, w);
	}
}

/* Whether what was missed is few enough to be given, and all of it may be. */
static bool
is_recent(const struct follow *f, const struct wait *w)
{
	uint64_t head = f->stream.last;

	if (w->terms.claim.head > head)
		head = w->terms.claim.head;
	return w->terms.resume && w->terms.after >= w->terms.claim.from &&
	       (head <= w->terms.after || head - w->terms.after <= STREAM_RECOVER);
}

/* A seq, or the one before it where the mid of its event is not known: that event is needed, too,
 * as it tells whether the history is still the same. */
static uint64_t
up_from(const struct follow *f, uint64_t seq)
{
	return seq == 0 || stream_mid(&f->stream, seq) != 0 ? seq : seq - 1;
}

/* Above which seq this subscriber needs all events. */
static uint64_t
needs(const struct follow *f, const struct wait *w)
{
	const struct follow_terms *t = &w->terms;
	uint64_t seq = UINT64_MAX;

	if (t->claim.user != 0 && t->claim.head < f->start)
		seq = t->claim.mid == 0 ? t->claim.head : up_from(f, t->claim.head);
	if (is_recent(f, w) && t->after < seq) {
		uint64_t after = up_from(f, t->after);

		seq = after < seq ? after : seq;
	}
	return seq;
}

uint64_t
wait_wants(const struct follow *f)
{
	const struct wait *w;
	uint64_t want = UINT64_MAX;

	DL_FOREACH (f->waits, w) {
		uint64_t seq = needs(f, w);

		if (!w->answered && seq < want && !stream_covers(&f->stream, seq))
			want = seq;
	}
	return want;
}

void
wait_answered(struct follow *f, uint64_t after, uint64_t sure, uint64_t head)
{
	struct wait *w;

	DL_FOREACH (f->waits, w) {
		uint64_t seq = needs(f, w);

		/* Where the answer was cut, asking on brings more: to those who are ahead, and to
		 * those who need less of the past. The same question brings the same again. */
		if (sure < head && w->terms.after > sure)
			continue;
		if (seq == after || (seq > after && sure >= f->stream.last))
			w->answered = true;
	}
}

/* Whether an event that is kept removed this person after the claim was signed. */
static bool
was_removed(const struct follow *f, const struct claim *claim)
{
	const struct stream_event *e;
	uint64_t seq = f->stream.last;

	for (; seq > claim->head && (e = stream_at(&f->stream, seq)) != NULL; seq--) {
		if (e->user == claim->user || e->user == WIRE_EVERYBODY)
			return true;
	}
	return false;
}

/* Whether the event after which the client was away is the one that we know, and the claim is not
 * from further on. */
static bool
is_same_history(const struct follow *f, const struct follow_terms *t)
{
	if (t->after > f->stream.last || t->claim.head > f->stream.last)
		return false;
	return t->after == 0 || t->mid == 0 || stream_mid(&f->stream, t->after) == t->mid;
}

static struct msg_place
place_of(const struct follow *f, uint64_t seq)
{
	return (struct msg_place){f->stream.kind, f->stream.id, seq, stream_mid(&f->stream, seq)};
}

/* Confirms, and sends what was missed. */
static void
confirm(struct follow *f, struct wait *w, bool recovered)
{
	const struct follow_terms t = w->terms;
	struct sub *s = w->sub;
	const struct stream_event *e;
	uint64_t last = f->stream.last, seq = t.after;
	uint64_t head = t.claim.head > t.claim.from ? t.claim.head : t.claim.from;
	struct hub_confirmed how = {.resumed = t.resume, .recovered = recovered};

	s->floor = recovered || last > head ? last : head;
	s->mid = s->floor > last && s->floor == t.claim.head ? t.claim.mid : 0;
	drop(f, w);
	if (t.resume && recovered)
		stats.resumed++;
	else if (t.resume)
		stats.reloaded++;
	how.place = place_of(f, s->floor);
	how.at = place_of(f, recovered ? t.after : s->floor);
	hub_confirm(s, &how);
	/* Once until it has been read: else a client that never reads could ask for ever. */
	for (uint64_t i = s->conn->extra == 0 ? last : seq; recovered && i > seq; i--) {
		s->conn->extra++;
		s->conn->extra_bytes += stream_at(&f->stream, i)->msg->size;
	}
	while (recovered && seq++ < last) {
		if ((e = stream_at(&f->stream, seq)) != NULL)
			(void)conn_send(s->conn, blocked_view(s, e));
		if (seq < last)
			CRASH_POINT("push.during_catchup");
	}
}

/* Whether the claim is from another history than the one that we know. */
static bool
is_of_another(const struct follow *f, const struct claim *claim)
{
	uint64_t mid = stream_mid(&f->stream, claim->head);

	return mid != 0 && claim->mid != 0 && mid != claim->mid;
}

/* Decides about one subscriber, if everything is known that it takes. */
static void
settle(struct follow *f, struct wait *w, struct hub *hub, int64_t now)
{
	const struct follow_terms *t = &w->terms;
	uint64_t seq = needs(f, w);
	bool late = now - w->since > PATIENCE_MS;
	bool covered = f->known && stream_covers(&f->stream, seq);

	if (is_of_another(f, &t->claim)) {
		hub_refuse(hub, w->sub, again);
		return;
	}
	if (!late && !f->known)
		return;
	if (!late && is_recent(f, w) && !w->answered && t->after > f->stream.last)
		return;
	/* The removals up to the claim's head do not concern this subscription. */
	if (!late && is_recent(f, w) && t->claim.head > f->stream.last)
		return;
	if (!covered && !late && !w->answered)
		return;
	if (t->claim.user != 0 && revoked_covers(&hub->revoked, &t->claim, hub_name(f->channel))) {
		hub_refuse(hub, w->sub, "The right to subscribe was taken back");
		return;
	}
	if (t->claim.user != 0 && t->claim.head < f->start) {
		if (!stream_covers(&f->stream, t->claim.head) || was_removed(f, &t->claim)) {
			hub_refuse(hub, w->sub, again);
			return;
		}
	}
	confirm(f, w, covered && is_recent(f, w) && is_same_history(f, t));
}

void
wait_add(
    struct follow *f, struct sub *s, const struct follow_terms *t, struct hub *hub, int64_t now)
{
	struct wait *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->sub = s;
	w->terms = *t;
	w->since = now;
	s->floor = SUB_WAITING;
	s->from = t->claim.from;
	if (t->resume && t->after > f->stream.target)
		f->stream.target = t->after; /* if there is no such event, the feeder tells */
	if (t->claim.head > f->claimed)
		f->claimed = t->claim.head;
	if (t->claim.head > f->stream.target)
		f->stream.target = t->claim.head;
	DL_APPEND(f->waits, w);
	settle(f, w, hub, now);
}

void
wait_settle(struct follow *f, struct hub *hub, int64_t now)
{
	struct wait *w, *next;

	DL_FOREACH_SAFE (f->waits, w, next)
		settle(f, w, hub, now);
}
