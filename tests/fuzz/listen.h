/* SPDX-License-Identifier: MIT */
/* What the clients of session_fuzz.c may hear: a client knows only its frames, and holds each
 * against the database. Included once, after heard.h. */
#ifndef MARU_FUZZ_LISTEN_H
#define MARU_FUZZ_LISTEN_H

#include "push/blocked.h"
#include "push/client.h"
#include "push/codes.h"
#include "push/presence.h"
#include "push/stream.h"
#include "push/wait.h"

#define PATIENCE_MS 3000
#define COME_BACK   4200 /* close code: connect again */

/* ---- histories ---- */

/* Whether an event after the claim, up to one with this mid, removed this person. */
static inline bool
is_removed_by(const struct client *c, const struct seat *s, uint64_t mid)
{
	const struct truth *t = truth_for(c, s);

	for (const struct record *r = truth_of(t, mid); r->seq > s->claim.head;) {
		if (is_removing(r, c->user))
			return true;
		r = truth_of(t, r->prev);
	}
	return false;
}

/* The mid of an earlier event in the history of the one with this mid. */
static inline uint64_t
mid_before(const struct truth *t, uint64_t mid, uint64_t seq)
{
	const struct record *r = truth_of(t, mid);

	while (r->seq > seq)
		r = truth_of(t, r->prev);
	return r->mid;
}

/* The database has lost what comes after a seq. */
static inline void
taint(unsigned stream, uint64_t seq)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		for (unsigned k = 0; k < SEATS; k++) {
			struct seat *s = &clients[i].seats[k];

			if (stream_of(&clients[i], k) == stream && s->at > seq && s->reset_at > seq)
				s->tainted = true;
		}
	}
}

/* It reads anew what there is, up to what it was told. */
static inline void
reload(struct seat *s, const struct truth *t, uint64_t head, uint64_t mid)
{
	s->at = s->reset_at = s->memo = head;
	s->at_mid = s->memo_mid = mid;
	s->tainted = !truth_has(t, head, mid);
}

/* ---- blocks ---- */

/* How far push had given out the system's stream when all were heard last. */
static uint64_t system_told;

/* Whether it is certain whom a client's person blocks, as push knows it. Where something was set
 * back, seqs that are lower than those of old claims say nothing. */
static inline bool
knows_blocks(const struct client *c, uint64_t other)
{
	const struct record *last = block_of(c->user, other, UINT64_MAX);

	return !truths[SYSTEM].set_back && !truths[USER_1 + c->user - 1].set_back &&
	       (last == NULL || last->seq <= system_told);
}

/* Exactly the messages of those are hidden whom this person blocks. */
static inline void
check_veil(const struct client *c, const struct record *r, bool veiled)
{
	CHECK(!veiled || r->sender != 0);
	if (!c->stalled && knows_blocks(c, r->sender))
		CHECK(veiled == is_blocked(c->user, r->sender));
}

/* The members whom this connection does not see. */
static inline unsigned
unseen_by(const struct client *c)
{
	unsigned bits = 0;

	for (unsigned u = 1; c->conn.blocked != NULL && u <= USERS; u++)
		bits |= (unsigned)blocked_has(&c->conn, u) << u;
	return bits;
}

/* ---- events ---- */

static inline void
hear_place(
    struct client *c, unsigned i, unsigned long long seq, unsigned long long mid, bool veiled)
{
	const struct record *r;
	struct seat *s;
	unsigned k;

	k = i < LAST_SEAT ? i : LAST_SEAT;
	s = &c->seats[k];
	CHECK(i == stream_of(c, k) && s->state == CONFIRMED);
	r = truth_of(&truths[i], mid);
	check_veil(c, r, veiled);
	if (truths[i].set_back && seq != s->at + 1 && s->reset_at != s->at) {
		s->at = s->reset_at; /* it counts from there */
		s->at_mid = 0;
	}
	CHECK(seq == s->at + 1 && seq == r->seq && (s->at_mid == 0 || r->prev == s->at_mid));
	s->at = s->reset_at = s->memo = seq;
	s->at_mid = s->memo_mid = mid;
	s->tainted = s->tainted || !truth_has(&truths[i], seq, mid);
	if (i <= ROOM_B && seq > s->claim.head && is_removing(r, c->user))
		s->state = REMOVED;
}

static inline void
hear_event(struct client *c, const char *text)
{
	unsigned long long seq, mid;
	unsigned i;

	CHECK(sscanf(text, "#%u %llu %llu", &i, &seq, &mid) == 3 && i < STREAMS);
	hear_place(c, i, seq, mid, false);
}

/* In place of the message of somebody who is blocked. */
static inline void
hear_veil(struct client *c, const json_t *data)
{
	const char *mid = json_string_value(json_object_get(data, "mid"));
	uint64_t room = (uint64_t)json_integer_value(json_object_get(data, "room"));

	CHECK(mid != NULL && json_is_true(json_object_get(data, "hidden")));
	hear_place(c, world_find(WIRE_ROOM, room),
	    (uint64_t)json_integer_value(json_object_get(data, "seq")), strtoull(mid, NULL, 10),
	    true);
}

/* What is not durable: to who is subscribed, each once, in order. */
static inline void
hear_signal(struct client *c, const char *text)
{
	unsigned i, n;
	struct seat *s;

	CHECK(sscanf(text, "!%u %u", &i, &n) == 2 && i < STREAMS);
	s = &c->seats[i < LAST_SEAT ? i : LAST_SEAT];
	CHECK(i == stream_of(c, (unsigned)(s - c->seats)) && s->state == CONFIRMED);
	CHECK(n > s->signal);
	s->signal = n;
}

/* ---- answers ---- */

/* An honest reason not to give what was missed. */
static inline bool
may_reload(const struct seat *s, const struct truth *t)
{
	bool same = s->after == 0 || s->mid == 0 || truth_has(t, s->after, s->mid);

	return t->set_back || !same || s->after > t->head || t->erased ||
	       t->head - s->after > STREAM_RECOVER || play.now - s->since >= PATIENCE_MS;
}

/* It goes on from where it said it was. */
static inline void
go_on(struct seat *s, const struct truth *t)
{
	bool same = s->after == s->memo && s->mid == s->memo_mid && s->mid != 0;

	s->at = s->reset_at = s->memo = s->after;
	s->at_mid = s->memo_mid = s->after == 0 ? 0 : s->mid;
	s->tainted = (same && s->tainted) || !truth_has(t, s->at, s->at_mid);
}

static inline void
hear_recovery(struct client *c, struct seat *s, const json_t *data)
{
	const struct truth *t = truth_for(c, s);
	const json_t *recovered = json_object_get(data, "recovered");
	const char *text = json_string_value(json_object_get(data, "mid"));
	uint64_t head = (uint64_t)json_integer_value(json_object_get(data, "head"));
	uint64_t mid = text == NULL ? 0 : strtoull(text, NULL, 10);

	CHECK((recovered != NULL) == s->resume && (t->set_back || truth_has(t, head, mid)));
	CHECK(head >= s->claim.head || t->kind == WIRE_LOBBY);
	CHECK(mid == 0 || truth_of(t, mid)->seq == head);
	if (mid == 0 && !t->set_back)
		mid = truth_at(t, head)->mid;
	if (t->kind == WIRE_ROOM)
		CHECK(!is_removed_by(c, s, mid));
	if (json_is_true(recovered)) {
		CHECK(s->after <= head);
		CHECK(s->after == 0 || s->mid == 0 || mid == 0 ||
		      s->mid == mid_before(t, mid, s->after));
		go_on(s, t);
		return;
	}
	CHECK(!s->resume || may_reload(s, t));
	reload(s, t, head, text == NULL ? 0 : mid);
}

static inline unsigned
member_bit(const char *id)
{
	unsigned user = (unsigned)strtoul(id == NULL ? "" : id, NULL, 10);

	CHECK(user >= 1 && user <= USERS);
	return 1U << user;
}

/* The floor of push/revoked.h when all were heard last: what is confirmed later is younger. */
static int64_t heard_floor;

static inline void
hear_confirmed(struct client *c, struct seat *s, const json_t *data)
{
	const json_t *presence = json_object_get(data, "presence");
	const json_t *ids = json_object_get(presence, "ids"), *id;
	size_t i;

	CHECK(s->state == WAITING);
	CHECK(c->stalled || !s->has_claim || s->claim.time > heard_floor);
	s->state = CONFIRMED;
	s->roster = 0;
	json_array_foreach (ids, i, id) {
		CHECK((s->roster & member_bit(json_string_value(id))) == 0);
		s->roster |= member_bit(json_string_value(id));
	}
	CHECK(json_integer_value(json_object_get(presence, "count")) ==
	      (json_int_t)json_array_size(ids));
	hear_recovery(c, s, data);
}

static inline void
hear_refusal(struct client *c, struct seat *s, const json_t *data)
{
	const char *why = json_string_value(json_object_get(data, "error"));
	const struct truth *t = truth_for(c, s);
	bool removed = t->kind == WIRE_ROOM && truth_removes(t, c->user, s->claim.head);

	CHECK(s->state == WAITING && why != NULL);
	s->state = FREE;
	s->has_claim = false;
	if (strstr(why, "taken back") != NULL)
		CHECK(removed || had_ended(c->session) || s->claim.time <= hub.revoked.floor);
	else if (strstr(why, "asked for again") == NULL)
		CHECK(
		    strstr(why, "too old") != NULL && clock_wall() - s->claim.time > CLAIM_MAX_AGE);
}

static inline void
hear_reset(struct client *c, struct seat *s, const json_t *data, const struct msg_place *at)
{
	const struct truth *t = truth_for(c, s);
	uint64_t head = (uint64_t)json_integer_value(json_object_get(data, "head"));
	uint64_t before = s->at;

	CHECK(s->state == CONFIRMED && head == at->seq && (t->set_back || head <= t->head));
	CHECK(t->erased || t->set_back || t->kind == WIRE_LOBBY);
	reload(s, t, head, at->mid);
	s->memo_mid = 0; /* it is not told */
	if (head < before) {
		s->at = before; /* it has more already, or that is gone */
		s->at_mid = 0;
	}
}

/* Whether some may not have been told who left: the end of a room empties it without a word, but
 * not of those whose claim is from a history that was longer. They have to come back. */
static inline bool
was_emptied(const struct truth *t)
{
	return t->set_back && truth_removes(t, 0, 0);
}

static inline void
hear_member(const struct truth *t, struct seat *s, const char *event, const json_t *data)
{
	unsigned bit = member_bit(json_string_value(json_object_get(data, "user_id")));

	CHECK(s->state == CONFIRMED);
	CHECK(((s->roster & bit) == 0) == (strstr(event, "added") != NULL) || was_emptied(t));
	s->roster = strstr(event, "added") != NULL ? s->roster | bit : s->roster & ~bit;
}

static inline void
hear_unsubscribed(struct seat *s)
{
	CHECK(s->state == REMOVED);
	s->state = FREE;
}

static inline void
hear_about(struct client *c, const char *event, struct seat *s, const json_t *data,
    const struct msg_place *at)
{
	if (strcmp(event, "pusher_internal:subscription_succeeded") == 0)
		hear_confirmed(c, s, data);
	else if (strcmp(event, "pusher:subscription_error") == 0)
		hear_refusal(c, s, data);
	else if (strcmp(event, "maru:reset") == 0)
		hear_reset(c, s, data, at);
	else if (strcmp(event, "maru:head") == 0)
		CHECK(s->state == CONFIRMED &&
		      (uint64_t)json_integer_value(json_object_get(data, "head")) <= s->at);
	else if (strcmp(event, "maru:unsubscribed") == 0)
		hear_unsubscribed(s);
	else
		hear_member(truth_for(c, s), s, event, data);
}

/* "data" is a text, mostly of JSON. */
static inline void
hear_frame(struct client *c, const char *text, const struct msg_place *at)
{
	json_t *frame = parse_frame(text), *data;
	const char *event = json_string_value(json_object_get(frame, "event"));
	const char *channel = json_string_value(json_object_get(frame, "channel"));
	const char *inner = json_string_value(json_object_get(frame, "data"));

	if (strcmp(event, "pusher:error") == 0) {
		CHECK(strstr(text, "lient events") != NULL); /* see do_client_event() */
	} else if (strncmp(event, "client-", 7) == 0) {
		hear_signal(c, inner);
	} else {
		data = json_loads(inner, 0, NULL);
		CHECK(data != NULL);
		if (strcmp(event, "message.created") == 0)
			hear_veil(c, data);
		else
			hear_about(
			    c, event, seat_named(c, channel == NULL ? "" : channel), data, at);
		json_decref(data);
	}
	json_decref(frame);
}

/* Reads one message; false: there is none. */
static inline bool
hear_one(struct client *c)
{
	struct msg_place at;
	const char *text = read_next(c, &at);

	if (text == NULL)
		return false;
	if (text[0] == '#')
		hear_event(c, text);
	else if (text[0] == '!')
		hear_signal(c, text);
	else
		hear_frame(c, text, &at);
	check_place(c, &at);
	return true;
}

/* Reads all that was sent. */
static inline void
hear(struct client *c)
{
	while (hear_one(c))
		;
}

/* ---- what must always be true ---- */

static inline bool
was_set_back(void)
{
	bool any = false;

	for (unsigned i = 0; i < STREAMS; i++)
		any = any || truths[i].set_back;
	return any;
}

/* What the memory of removals has to hold, if nothing comes twice. */
static inline unsigned
count_removals(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STREAMS; i++) {
		for (unsigned k = 1; k <= truths[i].count; k++)
			n += truths[i].all[k].user != 0;
	}
	return n;
}

static inline void
check_floor(void)
{
	const struct revoked *r = &hub.revoked;

	CHECK(r->floor == 0 || was_set_back() || (r->max != 0 && count_removals() >= r->max));
	heard_floor = r->floor;
}

static inline void
check_closing(const struct client *c)
{
	CHECK(conn_peek(&c->conn) == NULL);
	if (c->conn.closing == CODE_UNAUTHORIZED)
		CHECK(had_ended(c->session));
	else if (c->conn.closing == COME_BACK)
		CHECK(was_set_back());
	else
		CHECK(c->conn.closing == CODE_TOO_SLOW && c->stalled);
}

static inline void
check_client(struct client *c)
{
	if (c->conn.closing != 0) {
		check_closing(c);
		return;
	}
	if (c->stalled)
		return;
	hear(c);
	for (unsigned k = 0; k < SEATS; k++) {
		const struct sub *s = hub_find(&hub, &c->conn, name_of(c, k));

		CHECK((s != NULL) == (c->seats[k].state != FREE));
		CHECK(s == NULL || (s->floor == SUB_WAITING) == (c->seats[k].state == WAITING));
	}
}

/* Members are those who are subscribed, and subscribers know them. */
static inline void
check_room(unsigned k)
{
	unsigned count[USERS + 1] = {0}, people = 0, roster = 0;
	const struct channel *ch = hub_channel(&hub, name_of(&clients[0], k));

	for (uint32_t i = 0; ch != NULL && i < ch->count; i++) {
		const struct client *c = (const struct client *)ch->subs[i]->conn;

		CHECK(ch->subs[i]->member != NULL && ch->subs[i]->place == i);
		people += count[c->user]++ == 0;
		roster |= 1U << c->user;
	}
	CHECK(ch == NULL || HASH_COUNT(ch->members) == people);
	for (uint32_t i = 0; ch != NULL && i < ch->count; i++) {
		const struct client *c = (const struct client *)ch->subs[i]->conn;

		CHECK(ch->subs[i]->member->count == count[c->user]);
		if (c->conn.closing == 0 && !c->stalled && c->seats[k].state == CONFIRMED)
			CHECK(c->seats[k].roster == (roster & ~unseen_by(c)) ||
			      was_emptied(&truths[k]));
	}
}

static inline void
check_all(void)
{
	const struct channel *ch = hub_channel(&hub, truths[SYSTEM].channel);

	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open)
			check_client(&clients[i]);
	}
	check_room(ROOM_A);
	check_room(ROOM_B);
	check_floor();
	system_told = ch == NULL ? 0 : ch->follow->known ? ch->follow->stream.last : 0;
}

#endif
