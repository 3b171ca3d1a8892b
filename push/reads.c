/* SPDX-License-Identifier: MIT */
/* Cursors that moved and when they are told, see reads.h. */
#include "reads.h"

#include "blocked.h"
#include "channel.h"
#include "later.h"

#include <inttypes.h>
#include <stdlib.h>

#define ENTRY_MAX 64 /* bytes of one cursor that stands alone */

struct cursor {
	uint64_t user, seq;
};

/* Exists for a second after cursors were told. */
struct reads {
	struct later pause;
	struct channel *channel;
	struct cursor *moved; /* since then, one for each person, by user */
	size_t count, size;
};

static int
by_seq(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	if (x->seq != y->seq)
		return (x->seq > y->seq) - (x->seq < y->seq);
	return (x->user > y->user) - (x->user < y->user);
}

/* The event as one subscriber gets it, or, with NULL, everybody who blocks nobody; NULL if nothing
 * is left of it. */
static struct msg *
make(const struct channel *ch, const struct cursor *list, size_t n, const struct sub *s)
{
	uint64_t seq = 0; /* of the group that is open */
	struct buf data;
	struct msg *m;

	buf_init(&data, 64 + n * ENTRY_MAX);
	for (size_t i = 0; i < n; i++) {
		if (s != NULL && blocked_hides(s, list[i].user))
			continue;
		if (list[i].seq == seq)
			buf_printf(&data, ",%" PRIu64, list[i].user);
		else
			buf_printf(&data, "%s{\"seq\":%" PRIu64 ",\"users\":[%" PRIu64,
			    seq == 0 ? "{\"cursors\":[" : "]},", list[i].seq, list[i].user);
		seq = list[i].seq;
	}
	buf_addstr(&data, "]}]}");
	m = seq == 0 ? NULL : msg_event("maru:read", hub_name(ch), (struct str){data.p, data.n});
	buf_finish(&data);
	return m;
}

static void
send(const struct channel *ch, const struct cursor *list, size_t n)
{
	struct msg *all = make(ch, list, n, NULL);

	for (uint32_t i = 0; i < ch->count; i++) {
		const struct sub *s = ch->subs[i];
		struct msg *m = all;

		sub_fetch_ahead(ch, i);
		if (s->floor == SUB_WAITING)
			continue;
		if (s->conn->blocked != NULL)
			m = make(ch, list, n, s);
		if (m == all)
			(void)conn_send(s->conn, m);
		else if (m != NULL)
			(void)conn_give(s->conn, m);
	}
	msg_put(all);
}

static void on_pause_end(struct later *l);

/* Tells what moved. */
static void
tell(struct reads *reads)
{
	qsort(reads->moved, reads->count, sizeof(reads->moved[0]), by_seq);
	send(reads->channel, reads->moved, reads->count);
	reads->count = 0;
	later_put_off(&reads->pause, LATER_SECOND, on_pause_end);
}

static void
on_pause_end(struct later *l)
{
	struct reads *reads = (struct reads *)((char *)l - offsetof(struct reads, pause));

	if (reads->count > 0)
		tell(reads);
	else
		reads_drop(reads->channel);
}

/* Where a person is among those who moved, or would be. */
static size_t
find(const struct reads *reads, uint64_t user)
{
	size_t low = 0, high = reads->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (reads->moved[mid].user < user)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
note(struct reads *reads, struct cursor to)
{
	size_t i = find(reads, to.user);

	if (i < reads->count && reads->moved[i].user == to.user) {
		if (reads->moved[i].seq < to.seq)
			reads->moved[i].seq = to.seq;
		return;
	}
	if (reads->count == reads->size) {
		reads->size = reads->size == 0 ? 4 : 2 * reads->size;
		reads->moved = reallocarray(reads->moved, reads->size, sizeof(to));
		if (reads->moved == NULL)
			abort();
	}
	memmove(reads->moved + i + 1, reads->moved + i, (reads->count - i) * sizeof(to));
	reads->moved[i] = to;
	reads->count++;
}

static void
tell_own(struct hub *h, uint64_t room, uint64_t user, uint64_t seq)
{
	char name[CHANNEL_TEXT_SIZE];
	struct channel *ch =
	    hub_channel(h, (struct str){name, channel_write(WIRE_USER, user, name)});
	struct buf data;
	struct msg *m;

	if (ch == NULL)
		return;
	buf_init(&data, 128);
	buf_printf(&data, "{\"room\":%" PRIu64 ",\"seq\":%" PRIu64 "}", room, seq);
	m = msg_event("maru:read_own", hub_name(ch), (struct str){data.p, data.n});
	hub_send(ch, m, NULL);
	msg_put(m);
	buf_finish(&data);
}

void
reads_moved(struct hub *h, struct str room, uint64_t id, uint64_t user, uint64_t seq, bool shown)
{
	struct channel *ch = hub_channel(h, room);
	bool pauses = ch != NULL && ch->reads != NULL;

	tell_own(h, id, user, seq);
	if (!shown || ch == NULL || ch->count == 0)
		return;
	if (!pauses) {
		if ((ch->reads = calloc(1, sizeof(*ch->reads))) == NULL)
			abort();
		ch->reads->channel = ch;
	}
	note(ch->reads, (struct cursor){user, seq});
	if (!pauses)
		tell(ch->reads);
}

void
reads_drop(struct channel *ch)
{
	if (ch->reads == NULL)
		return;
	later_call_off(&ch->reads->pause);
	free(ch->reads->moved);
	free(ch->reads);
	ch->reads = NULL;
}
