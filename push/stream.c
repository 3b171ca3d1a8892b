/* SPDX-License-Identifier: MIT */
/* The bookkeeping behind stream.h. */
#include "stream.h"

#include <assert.h>
#include <stdlib.h>

#define HELD_MAX 1024 /* out of order; more are left to be fetched */

/* ---- lists ---- */

static struct stream_event *
at(const struct stream_list *l, uint32_t i)
{
	return &l->p[(l->first + i) & (l->size - 1)];
}

/* Makes room for one more; sizes are powers of two. */
static void
grow(struct stream_list *l)
{
	uint32_t size = l->size == 0 ? 8 : 2 * l->size;
	struct stream_event *p;

	if (l->count < l->size)
		return;
	if ((p = calloc(size, sizeof(*p))) == NULL)
		abort();
	for (uint32_t i = 0; i < l->count; i++)
		p[i] = *at(l, i);
	free(l->p);
	*l = (struct stream_list){p, 0, l->count, size};
}

static void
append(struct stream_list *l, struct stream_event e)
{
	grow(l);
	*at(l, l->count++) = e;
}

static void
prepend(struct stream_list *l, struct stream_event e)
{
	grow(l);
	l->first = (l->first - 1) & (l->size - 1);
	l->count++;
	*at(l, 0) = e;
}

static struct stream_event
shift(struct stream_list *l)
{
	struct stream_event e = *at(l, 0);

	l->first = (l->first + 1) & (l->size - 1);
	l->count--;
	return e;
}

/* Puts an event in at a place; those from there on move up by one. */
static void
insert(struct stream_list *l, uint32_t place, struct stream_event e)
{
	append(l, e);
	for (uint32_t i = l->count - 1; i > place; i--)
		*at(l, i) = *at(l, i - 1);
	*at(l, place) = e;
}

/* ---- messages ---- */

static struct stream_event
share(struct stream *s, const struct stream_event *e)
{
	struct stream_event own = *e;

	own.msg = msg_get(e->msg);
	s->bytes += e->msg->size;
	return own;
}

static void
release(struct stream *s, struct stream_event e)
{
	s->bytes -= e.msg->size;
	msg_put(e.msg);
}

static void
empty(struct stream *s, struct stream_list *l)
{
	while (l->count > 0)
		release(s, shift(l));
	free(l->p);
	*l = (struct stream_list){0};
}

/* ---- the stream ---- */

void
stream_init(struct stream *s, enum wire_kind kind, uint64_t id, uint64_t last, uint64_t mid)
{
	*s = (struct stream){.kind = kind, .id = id, .last = last, .mid = mid, .target = last};
}

void
stream_restart(struct stream *s, uint64_t last, uint64_t mid)
{
	empty(s, &s->kept);
	empty(s, &s->held);
	empty(s, &s->fetched);
	s->last = s->target = last;
	s->mid = mid;
}

void
stream_finish(struct stream *s)
{
	stream_restart(s, 0, 0);
}

const struct stream_event *
stream_at(const struct stream *s, uint64_t seq)
{
	if (seq > s->last || s->last - seq >= s->kept.count)
		return NULL;
	return at(&s->kept, s->kept.count - 1 - (uint32_t)(s->last - seq));
}

uint64_t
stream_mid(const struct stream *s, uint64_t seq)
{
	const struct stream_event *e = stream_at(s, seq);

	if (e != NULL)
		return e->mid;
	return seq == s->last ? s->mid : 0;
}

static enum stream_result
compare(uint64_t known, uint64_t mid)
{
	return known == 0 || mid == 0 || known == mid ? STREAM_KNOWN : STREAM_FORKED;
}

/* As stream_put(), with room for at most so many that wait for an earlier one. */
static enum stream_result
put(struct stream *s, const struct stream_event *e, uint32_t max)
{
	uint32_t place = s->held.count;

	if (e->seq <= s->last)
		return compare(stream_mid(s, e->seq), e->mid);
	if (e->seq > s->target)
		s->target = e->seq;
	while (place > 0 && at(&s->held, place - 1)->seq > e->seq)
		place--;
	if (place > 0 && at(&s->held, place - 1)->seq == e->seq)
		return compare(at(&s->held, place - 1)->mid, e->mid);
	/* The next one in order always finds room, so that progress never depends on the limit. */
	if (s->held.count >= max && e->seq != s->last + 1)
		return STREAM_KNOWN;
	insert(&s->held, place, share(s, e));
	return STREAM_TAKEN;
}

enum stream_result
stream_put(struct stream *s, const struct stream_event *e)
{
	return put(s, e, HELD_MAX);
}

static bool
has_next(const struct stream *s)
{
	return s->held.count > 0 && at(&s->held, 0)->seq == s->last + 1;
}

bool
stream_is_forked(const struct stream *s)
{
	return has_next(s) && compare(s->mid, at(&s->held, 0)->prev) == STREAM_FORKED;
}

const struct stream_event *
stream_next(struct stream *s)
{
	const struct stream_event *e;

	if (!has_next(s) || stream_is_forked(s))
		return NULL;
	append(&s->kept, shift(&s->held));
	e = at(&s->kept, s->kept.count - 1);
	s->last = e->seq;
	s->mid = e->mid;
	return e;
}

enum stream_result
stream_head(struct stream *s, uint64_t head, uint64_t mid)
{
	if (head > s->target)
		s->target = head;
	if (head != s->last)
		return STREAM_KNOWN;
	if (s->mid == 0)
		s->mid = mid;
	return compare(s->mid, mid);
}

void
stream_trim(struct stream *s, uint32_t n)
{
	while (s->kept.count > n)
		release(s, shift(&s->kept));
}

bool
stream_has_gap(const struct stream *s)
{
	return s->target > s->last;
}

bool
stream_covers(const struct stream *s, uint64_t after)
{
	return after >= s->last || s->last - after <= s->kept.count;
}

void
stream_collect(struct stream *s, const struct stream_event *e)
{
	if (s->fetched.count < STREAM_FETCH)
		append(&s->fetched, share(s, e));
}

/* Adds what is older than the kept events in front of them, newest first. */
static void
put_in_front(struct stream *s)
{
	uint64_t oldest = s->last - s->kept.count + 1;

	for (uint32_t i = s->fetched.count; i > 0; i--) {
		const struct stream_event *e = at(&s->fetched, i - 1);

		if (e->seq != oldest - 1)
			continue;
		prepend(&s->kept, share(s, e));
		oldest--;
	}
}

/* The highest seq that there is, if head is the stream's. What was only said to exist is not. */
static uint64_t
highest(const struct stream *s, uint64_t head)
{
	uint64_t seq = s->held.count > 0 ? at(&s->held, s->held.count - 1)->seq : s->last;

	return seq > head ? seq : head;
}

enum stream_result
stream_merge(struct stream *s, uint64_t after, uint64_t head, uint64_t asked, uint64_t *sure)
{
	enum stream_result result = head < asked ? STREAM_FORKED : STREAM_TAKEN;
	uint32_t n = s->fetched.count;

	*sure = n < STREAM_FETCH ? head : at(&s->fetched, n - 1)->seq;
	for (uint32_t i = 0; i < n && result != STREAM_FORKED; i++) {
		const struct stream_event *e = at(&s->fetched, i);

		if (e->seq > after && put(s, e, UINT32_MAX) == STREAM_FORKED)
			result = STREAM_FORKED;
	}
	if (result != STREAM_FORKED)
		put_in_front(s);
	s->target = highest(s, head);
	empty(s, &s->fetched);
	return result;
}

void
stream_forget_answer(struct stream *s)
{
	empty(s, &s->fetched);
}

void
stream_skip(struct stream *s, uint64_t sure)
{
	uint64_t to = s->held.count > 0 ? at(&s->held, 0)->seq - 1 : sure;

	empty(s, &s->kept);
	if (to > sure)
		to = sure;
	if (to > s->last) {
		s->last = to;
		s->mid = 0;
	}
}
