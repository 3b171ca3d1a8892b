/* SPDX-License-Identifier: MIT */
/* The database of session_fuzz.c: streams, and who may listen. A crash or a restored backup takes
 * the last events of a stream; what comes after takes their seqs with other mids. All events of all
 * histories stay in `all`, each knows the one before it: a tree, of which `log` is the branch that
 * the database has now. Included once, after play.h. */
#ifndef MARU_FUZZ_TRUTH_H
#define MARU_FUZZ_TRUTH_H

#include "shared/channel.h"

#define USERS       3
#define LOG_MAX     2000
#define RECORDS_MAX 4000 /* in all histories of one stream */
#define BEGIN_AT    10   /* events that each stream has at the beginning */

enum { ROOM_A, ROOM_B, LOBBY, USER_1, SYSTEM = USER_1 + USERS, STREAMS };

/* One event as it is stored. */
struct record {
	uint64_t seq, mid, prev;
	uint64_t user, session; /* whom it removes */
	uint64_t sender;        /* whose message it is; of the system's: whom the user blocks */
	uint64_t lets_in;       /* who is a member after it */
	bool erased;
	int64_t time; /* when it was stored */
};

struct truth {
	enum wire_kind kind;
	uint64_t id, head;
	char name[CHANNEL_TEXT_SIZE];
	struct str channel; /* the same */
	bool erased;        /* some of its events are */
	bool set_back;      /* it has lost some */
	bool ended;         /* a room that was deleted */
	bool members[USERS + 1];
	unsigned count; /* in all[], from 1 on; all[0] stands for no event */
	struct record all[RECORDS_MAX + 1];
	unsigned log[LOG_MAX + 1]; /* by seq: where in all[] */
};

static struct truth truths[STREAMS];

/* The event with this seq in the database. */
static inline const struct record *
truth_at(const struct truth *t, uint64_t seq)
{
	CHECK(seq <= t->head);
	return &t->all[t->log[seq]];
}

/* The event with this mid, in whichever history; 0: none. */
static inline const struct record *
truth_of(const struct truth *t, uint64_t mid)
{
	unsigned place = (unsigned)((uint32_t)mid / 7);

	CHECK(place <= t->count && t->all[place].mid == mid);
	return &t->all[place];
}

/* Whether the database has this event; mid 0: or another one with its seq. */
static inline bool
truth_has(const struct truth *t, uint64_t seq, uint64_t mid)
{
	return seq <= t->head && (mid == 0 || truth_at(t, seq)->mid == mid);
}

static inline bool
is_removing(const struct record *r, unsigned user)
{
	return (user != 0 && r->user == user) || r->user == WIRE_EVERYBODY;
}

/* Whether any event above a seq, in any history, removed this person (0: all of them). */
static inline bool
truth_removes(const struct truth *t, unsigned user, uint64_t after)
{
	for (unsigned i = 1; i <= t->count; i++) {
		if (t->all[i].seq > after && is_removing(&t->all[i], user))
			return true;
	}
	return false;
}

/* ---- changes ---- */

static inline void
apply_record(struct truth *t, const struct record *r)
{
	if (t->kind != WIRE_ROOM)
		return;
	t->members[r->lets_in] = true;
	t->ended = t->ended || r->user == WIRE_EVERYBODY;
	if (r->user <= USERS)
		t->members[r->user] = false;
}

/* seq, mid and prev are filled in; false: it is full. */
static inline bool
truth_append(struct truth *t, struct record r)
{
	if (t->head == LOG_MAX || t->count == RECORDS_MAX)
		return false;
	t->count++;
	r.prev = truth_at(t, t->head)->mid;
	r.time = play.now;
	r.seq = ++t->head;
	r.mid = (uint64_t)(t - truths + 1) << 32 | (uint64_t)t->count * 7;
	t->all[t->count] = r;
	t->log[r.seq] = t->count;
	apply_record(t, &r);
	return true;
}

/* The last n events are lost, with all that they did. */
static inline void
truth_set_back(struct truth *t, uint64_t n)
{
	t->head = t->head > n ? t->head - n : 0;
	t->set_back = true;
	t->ended = false;
	for (unsigned u = 0; u <= USERS; u++)
		t->members[u] = true;
	for (uint64_t seq = 1; seq <= t->head; seq++)
		apply_record(t, truth_at(t, seq));
}

static inline void
truth_begin(void)
{
	for (unsigned i = 0; i < STREAMS; i++) {
		struct truth *t = &truths[i];

		t->kind = i <= ROOM_B ? WIRE_ROOM : i == LOBBY ? WIRE_LOBBY : WIRE_USER;
		t->id = i <= ROOM_B ? 7 + i : i == LOBBY ? 0 : 1 + i - USER_1;
		if (i == SYSTEM) {
			t->kind = WIRE_SYSTEM;
			t->id = 0;
		}
		t->channel = (struct str){t->name, channel_write(t->kind, t->id, t->name)};
		t->head = t->count = 0;
		truth_set_back(t, 0);
		t->erased = t->set_back = false;
		while (t->head < BEGIN_AT)
			(void)truth_append(t, (struct record){0});
	}
}

/* ---- sessions ---- */

/* Whether a login is over. */
static inline bool
has_ended(uint64_t session)
{
	const struct truth *t = &truths[SYSTEM];

	for (uint64_t seq = 1; seq <= t->head; seq++) {
		if (truth_at(t, seq)->sender == 0 && truth_at(t, seq)->session == session)
			return true;
	}
	return false;
}

/* Or was so in a history that was lost. */
static inline bool
had_ended(uint64_t session)
{
	const struct truth *t = &truths[SYSTEM];

	for (unsigned i = 1; i <= t->count; i++) {
		if (t->all[i].sender == 0 && t->all[i].session == session)
			return true;
	}
	return false;
}

/* ---- blocks ---- */

/* The last event about whom a user blocks, of those up to a seq; NULL: there is none. */
static inline const struct record *
block_of(unsigned user, uint64_t other, uint64_t upto)
{
	const struct truth *t = &truths[SYSTEM];

	for (uint64_t seq = upto < t->head ? upto : t->head; seq > 0; seq--) {
		const struct record *r = truth_at(t, seq);

		if (r->sender != 0 && r->sender == other && r->user == user)
			return r;
	}
	return NULL;
}

static inline bool
is_blocked(unsigned user, uint64_t other)
{
	const struct record *r = block_of(user, other, UINT64_MAX);

	return r != NULL && (r->session & 1) != 0;
}

#endif
