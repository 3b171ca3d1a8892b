/* SPDX-License-Identifier: MIT */
/* The table behind revoked.h. */
#include "revoked.h"

#include "table.h"
#include "wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <utlist.h>

#define KEY_SIZE (WIRE_CHANNEL_MAX + 24)

struct revocation {
	UT_hash_handle hh;
	struct revocation *prev, *next;
	int64_t time;    /* claims up to here are void */
	int64_t expires; /* wall clock; no such claim is accepted after it anyway */
	char key[];
};

/* What is void: 'c' a user in a channel, 's' a session, 'u' a user. */
static size_t
write_key(char key[KEY_SIZE], char kind, uint64_t id, struct str channel)
{
	int n = snprintf(key, KEY_SIZE, "%c%" PRIu64 ":%.*s", kind, id, (int)channel.n,
	    channel.n == 0 ? "" : channel.p);

	return (size_t)n < KEY_SIZE ? (size_t)n : KEY_SIZE - 1;
}

static void
forget(struct revoked *r, struct revocation *v)
{
	assert(r->all != NULL);
	HASH_DELETE(hh, r->all, v);
	DL_DELETE(r->oldest, v);
	free(v);
}

/* Makes room: what has expired goes, and the oldest if there are too many. */
static void
sweep(struct revoked *r, int64_t now)
{
	while (r->oldest != NULL && r->oldest->expires < now)
		forget(r, r->oldest);
	while (r->oldest != NULL && HASH_COUNT(r->all) >= REVOKED_MAX) {
		if (r->oldest->time > r->floor)
			r->floor = r->oldest->time;
		forget(r, r->oldest);
	}
}

static void
add(struct revoked *r, char kind, uint64_t id, struct str channel, int64_t time, int64_t now)
{
	char key[KEY_SIZE];
	size_t n = write_key(key, kind, id, channel);
	struct revocation *v;

	if (time <= 0 || time > now)
		time = now;
	sweep(r, now);
	HASH_FIND(hh, r->all, key, n, v);
	if (v != NULL) {
		time = time > v->time ? time : v->time;
		forget(r, v);
	}
	if ((v = calloc(1, sizeof(*v) + n)) == NULL)
		abort();
	memcpy(v->key, key, n);
	v->time = time;
	v->expires = now + CLAIM_MAX_AGE;
	HASH_ADD_KEYPTR(hh, r->all, v->key, n, v);
	DL_APPEND(r->oldest, v);
}

void
revoked_add_channel(struct revoked *r, uint64_t user, struct str channel, int64_t time, int64_t now)
{
	add(r, 'c', user, channel, time, now);
}

void
revoked_add_login(struct revoked *r, uint64_t user, uint64_t session, int64_t time, int64_t now)
{
	if (session != 0)
		add(r, 's', session, (struct str){NULL, 0}, time, now);
	else
		add(r, 'u', user, (struct str){NULL, 0}, time, now);
}

static bool
is_void(const struct revoked *r, char kind, uint64_t id, struct str channel, int64_t time)
{
	char key[KEY_SIZE];
	size_t n = write_key(key, kind, id, channel);
	struct revocation *v;

	HASH_FIND(hh, r->all, key, n, v);
	return v != NULL && time <= v->time;
}

bool
revoked_covers(const struct revoked *r, const struct claim *claim, struct str channel)
{
	const struct str none = {NULL, 0};

	return claim->time <= r->floor || is_void(r, 'c', claim->user, channel, claim->time) ||
	       is_void(r, 's', claim->session, none, claim->time) ||
	       is_void(r, 'u', claim->user, none, claim->time);
}

void
revoked_finish(struct revoked *r)
{
	while (r->oldest != NULL)
		forget(r, r->oldest);
	r->floor = 0;
}
