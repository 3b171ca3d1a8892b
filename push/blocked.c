/* SPDX-License-Identifier: MIT */
/* Lists and placeholders, see blocked.h. The JSON in this file was written by maru-api. */
#include "blocked.h"

#include "presence.h"
#include "veil.h"

#include <stdlib.h>

/* Of exactly the size that it needs; there is none without ids. */
struct blocked {
	uint64_t at; /* of the claim that brought it, 0: there was none */
	size_t count;
	uint64_t ids[]; /* ascending */
};

/* Where a user is in the list, or would be. */
static size_t
find(const struct blocked *b, uint64_t user)
{
	size_t low = 0, high = b == NULL ? 0 : b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->ids[mid] < user)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
blocked_has(const struct conn *c, uint64_t user)
{
	size_t i = find(c->blocked, user);

	return c->blocked != NULL && i < c->blocked->count && c->blocked->ids[i] == user;
}

static struct blocked *
make(uint64_t at, size_t count)
{
	struct blocked *b = calloc(1, sizeof(*b) + count * sizeof(uint64_t));

	if (b == NULL)
		abort();
	b->at = at;
	b->count = count;
	return b;
}

/* ---- lists ---- */

uint64_t
blocked_at(const json_t *blocks)
{
	json_int_t at = json_integer_value(json_object_get(blocks, "at"));

	return at > 0 ? (uint64_t)at : 0;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* NULL where there are no ids. */
static struct blocked *
read_list(const json_t *blocks)
{
	const json_t *ids = json_object_get(blocks, "ids");
	struct blocked *b;

	if (json_array_size(ids) == 0)
		return NULL;
	b = make(blocked_at(blocks), json_array_size(ids));
	for (size_t i = 0; i < b->count; i++)
		b->ids[i] = (uint64_t)json_integer_value(json_array_get(ids, i));
	qsort(b->ids, b->count, sizeof(uint64_t), compare);
	return b;
}

/* In the rooms where the connection is already, who is in one list alone comes or goes. */
static void
tell_difference(struct conn *c, const struct blocked *old, bool on)
{
	for (size_t i = 0; c->subs != NULL && old != NULL && i < old->count; i++) {
		if (!blocked_has(c, old->ids[i]))
			presence_veil(c, old->ids[i], on);
	}
}

void
blocked_take(struct conn *c, const json_t *blocks)
{
	struct blocked *old = c->blocked, *new;

	if (!json_is_object(blocks) || (old != NULL && old->at > blocked_at(blocks)))
		return;
	c->blocked = new = read_list(blocks);
	tell_difference(c, old, false);
	c->blocked = old;
	tell_difference(c, new, true);
	c->blocked = new;
	free(old);
}

void
blocked_change(struct conn *c, uint64_t other, bool on)
{
	struct blocked *old = c->blocked, *new = NULL;
	size_t count = old == NULL ? 0 : old->count, i = find(old, other);

	if (blocked_has(c, other) == on)
		return;
	count = on ? count + 1 : count - 1;
	if (count > 0)
		new = make(old == NULL ? 0 : old->at, count);
	if (new != NULL && old != NULL) {
		memcpy(new->ids, old->ids, i * sizeof(uint64_t));
		memcpy(new->ids + i + on, old->ids + i + !on,
		    (old->count - i - !on) * sizeof(uint64_t));
	}
	if (new != NULL && on)
		new->ids[i] = other;
	c->blocked = new;
	free(old);
	presence_veil(c, other, on);
}

/* ---- placeholders ---- */

/* Where the text is not what we know, as in tests: what can be said for sure. */
static json_t *
minimal(const struct msg_place *at, uint64_t sender)
{
	return json_pack("{s:I, s:I, s:o, s:I, s:b}", "room", (json_int_t)at->stream, "seq",
	    (json_int_t)at->seq, "mid", json_sprintf("%llu", (unsigned long long)at->mid), "sender",
	    (json_int_t)sender, "hidden", 1);
}

static struct msg *
make_veil(const struct msg *m, uint64_t sender)
{
	struct str text = msg_text(m);
	json_t *frame = json_loadb(text.p, text.n, 0, NULL), *data, *shown;
	const char *event = json_string_value(json_object_get(frame, "event"));
	const char *channel = json_string_value(json_object_get(frame, "channel"));
	const char *inner = json_string_value(json_object_get(frame, "data"));
	struct msg *veil;
	char *out;

	data = inner == NULL ? NULL : json_loads(inner, 0, NULL);
	shown = data == NULL ? minimal(&m->place, sender) : veil_data(data);
	if ((out = json_dumps(shown, JSON_COMPACT)) == NULL)
		abort();
	veil = msg_event(event == NULL ? "message.created" : event, str_of(channel), str_of(out));
	veil->place = m->place;
	free(out);
	json_decref(shown);
	json_decref(data);
	json_decref(frame);
	return veil;
}

struct msg *
blocked_veil(struct msg *m, uint64_t sender)
{
	if (m->veil == NULL)
		m->veil = make_veil(m, sender);
	return m->veil;
}
