/* SPDX-License-Identifier: MIT */
/* The clients of session_fuzz.c, and what they may hear: a client knows only its frames, and holds
 * each against the database. Included once, after world.h. */
#ifndef MARU_FUZZ_LISTEN_H
#define MARU_FUZZ_LISTEN_H

#include "push/client.h"
#include "push/codes.h"
#include "push/presence.h"
#include "push/stream.h"

#define CLIENTS     5
#define SEATS       4 /* both rooms, the lobby, the user's own channel */
#define PATIENCE_MS 3000
#define LAST_SEAT   3

enum seat_state { FREE, WAITING, CONFIRMED, REMOVED };

/* One client in one channel. */
struct seat {
	enum seat_state state;
	uint64_t at; /* the last event that it has, or need not have */
	struct claim claim;
	bool has_claim;
	bool resume;
	uint64_t after, mid;     /* what it said about where it was */
	int64_t since;           /* when it subscribed */
	unsigned roster;         /* the members, one bit for each */
	uint64_t memo, memo_mid; /* the last event that it got, over connections */
};

struct client {
	struct conn conn;
	bool open, stalled;
	unsigned user;
	uint64_t session;
	struct seat seats[SEATS];
};

static struct hub hub;
static struct client clients[CLIENTS];

static inline unsigned
stream_of(const struct client *c, unsigned k)
{
	return k < LAST_SEAT ? k : USER_1 + c->user - 1;
}

static inline struct str
name_of(const struct client *c, unsigned k)
{
	return world.streams[stream_of(c, k)].channel;
}

static inline struct seat *
seat_named(struct client *c, const char *channel)
{
	unsigned k = 0;

	while (k < SEATS && !str_eq(name_of(c, k), str_of(channel)))
		k++;
	CHECK(k < SEATS);
	return &c->seats[k];
}

/* Whether an event after the claim, up to a seq, removed this person. */
static inline bool
is_removed_by(const struct client *c, const struct seat *s, uint64_t from, uint64_t to)
{
	const struct truth *t = &world.streams[stream_of(c, (unsigned)(s - c->seats))];

	for (uint64_t seq = from + 1; seq <= to && seq <= t->head; seq++) {
		if (t->log[seq].user == c->user || t->log[seq].user == WIRE_EVERYBODY)
			return true;
	}
	return false;
}

static inline bool
has_ended(uint64_t session)
{
	for (unsigned i = 0; i < world.ended_count; i++) {
		if (world.ended[i] == session)
			return true;
	}
	return false;
}

/* ---- events ---- */

static inline void
hear_event(struct client *c, const char *text)
{
	unsigned long long seq, mid;
	unsigned i, k;
	struct seat *s;

	CHECK(sscanf(text, "#%u %llu %llu", &i, &seq, &mid) == 3 && i < STREAMS);
	k = i < LAST_SEAT ? i : LAST_SEAT;
	s = &c->seats[k];
	CHECK(i == stream_of(c, k) && s->state == CONFIRMED);
	CHECK(seq == s->at + 1 && mid == world.streams[i].log[seq].mid);
	s->at = s->memo = seq;
	s->memo_mid = mid;
	if (i <= ROOM_B && seq > s->claim.head && is_removed_by(c, s, seq - 1, seq))
		s->state = REMOVED;
}

/* ---- answers ---- */

/* An honest reason not to give what was missed. */
static inline bool
may_reload(const struct seat *s, const struct truth *t)
{
	bool same =
	    s->after == 0 || s->mid == 0 || (s->after <= t->head && s->mid == t->log[s->after].mid);

	return !same || s->after > t->head || t->erased || t->head - s->after > STREAM_RECOVER ||
	       play.now - s->since >= PATIENCE_MS;
}

static inline void
hear_recovery(struct client *c, struct seat *s, const json_t *data)
{
	const struct truth *t = &world.streams[stream_of(c, (unsigned)(s - c->seats))];
	const json_t *recovered = json_object_get(data, "recovered");
	const char *mid = json_string_value(json_object_get(data, "mid"));
	uint64_t head = (uint64_t)json_integer_value(json_object_get(data, "head"));

	CHECK((recovered != NULL) == s->resume && head <= t->head);
	CHECK(head >= s->claim.head || t->kind == WIRE_LOBBY);
	CHECK(mid == NULL || strtoull(mid, NULL, 10) == t->log[head].mid);
	s->at = head;
	if (t->kind == WIRE_ROOM)
		CHECK(!is_removed_by(c, s, s->claim.head, head));
	if (json_is_true(recovered)) {
		CHECK(s->after <= head &&
		      (s->after == 0 || s->mid == 0 || s->mid == t->log[s->after].mid));
		s->at = s->after;
	} else if (s->resume) {
		CHECK(may_reload(s, t));
	}
}

static inline unsigned
member_bit(const char *id)
{
	unsigned user = (unsigned)strtoul(id == NULL ? "" : id, NULL, 10);

	CHECK(user >= 1 && user <= USERS);
	return 1U << user;
}

static inline void
hear_confirmed(struct client *c, struct seat *s, const json_t *data)
{
	const json_t *presence = json_object_get(data, "presence");
	const json_t *ids = json_object_get(presence, "ids"), *id;
	size_t i;

	CHECK(s->state == WAITING);
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
	bool removed = is_removed_by(c, s, s->claim.head, LOG_MAX);

	CHECK(s->state == WAITING && why != NULL);
	s->state = FREE;
	s->has_claim = false;
	if (strstr(why, "taken back") != NULL)
		CHECK(removed || has_ended(c->session));
	else if (strstr(why, "asked for again") == NULL)
		CHECK(
		    strstr(why, "too old") != NULL && clock_wall() - s->claim.time > CLAIM_MAX_AGE);
}

static inline void
hear_reset(struct client *c, struct seat *s, const json_t *data)
{
	const struct truth *t = &world.streams[stream_of(c, (unsigned)(s - c->seats))];
	uint64_t head = (uint64_t)json_integer_value(json_object_get(data, "head"));

	CHECK(s->state == CONFIRMED && head <= t->head);
	CHECK(t->erased || t->kind == WIRE_LOBBY);
	if (head > s->at)
		s->at = head;
}

/* "data" is JSON in a string. */
static inline void
hear_frame(struct client *c, const char *text)
{
	json_t *frame = parse_frame(text), *data;
	const char *event = json_string_value(json_object_get(frame, "event"));
	const char *channel = json_string_value(json_object_get(frame, "channel"));
	struct seat *s = seat_named(c, channel == NULL ? "" : channel);
	unsigned bit = 0;

	data = json_loads(json_string_value(json_object_get(frame, "data")), 0, NULL);
	CHECK(data != NULL);
	if (strstr(event, "_internal:member_") != NULL)
		bit = member_bit(json_string_value(json_object_get(data, "user_id")));
	if (strcmp(event, "pusher_internal:subscription_succeeded") == 0) {
		hear_confirmed(c, s, data);
	} else if (strcmp(event, "pusher:subscription_error") == 0) {
		hear_refusal(c, s, data);
	} else if (strcmp(event, "maru:reset") == 0) {
		hear_reset(c, s, data);
	} else if (strcmp(event, "maru:head") == 0) {
		CHECK(s->state == CONFIRMED &&
		      (uint64_t)json_integer_value(json_object_get(data, "head")) <= s->at);
	} else if (strcmp(event, "maru:unsubscribed") == 0) {
		CHECK(s->state == REMOVED);
		s->state = FREE;
		s->has_claim = false;
	} else {
		CHECK(bit != 0 && s->state == CONFIRMED);
		CHECK(((s->roster & bit) == 0) == (strstr(event, "added") != NULL));
		s->roster ^= bit;
	}
	json_decref(data);
	json_decref(frame);
}

/* Reads all that was sent. */
static inline void
hear(struct client *c)
{
	const char *text;

	while ((text = next_text(&c->conn)) != NULL) {
		if (text[0] == '#')
			hear_event(c, text);
		else
			hear_frame(c, text);
	}
}

/* ---- what must always be true ---- */

static inline void
check_closing(const struct client *c)
{
	CHECK(conn_peek(&c->conn) == NULL);
	if (c->conn.closing == CODE_UNAUTHORIZED)
		CHECK(has_ended(c->session));
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
			CHECK(c->seats[k].roster == roster);
	}
}

static inline void
check_all(void)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		if (clients[i].open)
			check_client(&clients[i]);
	}
	check_room(ROOM_A);
	check_room(ROOM_B);
}

#endif
