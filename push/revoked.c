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
	uint64_t seq; /* claims with a lower head are void */
	int64_t came; /* wall clock; a claim's age later nobody can have such a claim any more */
	char key[];
};

/* What is void: 'c' a user in a channel, 's' a session, 'b' a user's list of blocked people. */
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
	unsigned max = r->max != 0 ? r->max : REVOKED_MAX;

	while (r->oldest != NULL && r->oldest->came < now - CLAIM_MAX_AGE)
		forget(r, r->oldest);
	while (r->oldest != NULL && HASH_COUNT(r->all) >= max) {
		if (r->oldest->came > r->floor)
			r->floor = r->oldest->came;
		forget(r, r->oldest);
	}
}

static void
add(struct revoked *r, char kind, uint64_t id, struct str channel, uint64_t seq, int64_t now)
{
	char key[KEY_SIZE];
	size_t n = write_key(key, kind, id, channel);
	struct revocation *v;

	sweep(r, now);
	HASH_FIND(hh, r->all, key, n, v);
	if (v != NULL) {
		seq = seq > v->seq ? seq : v->seq;
		forget(r, v);
	}
	if ((v = calloc(1, sizeof(*v) + n)) == NULL)
		abort();
	memcpy(v->key, key, n);
	v->seq = seq;
	v->came = now;
	HASH_ADD_KEYPTR(hh, r->all, v->key, n, v);
	DL_APPEND(r->oldest, v);
}

void
revoked_add_member(struct revoked *r, uint64_t user, struct str channel, uint64_t seq, int64_t now)
{
	add(r, 'c', user, channel, seq, now);
}

void
revoked_add_session(struct revoked *r, uint64_t session, int64_t now)
{
	add(r, 's', session, (struct str){NULL, 0}, UINT64_MAX, now);
}

static bool
is_void(const struct revoked *r, char kind, uint64_t id, struct str channel, uint64_t head)
{
	char key[KEY_SIZE];
	size_t n = write_key(key, kind, id, channel);
	struct revocation *v;

	HASH_FIND(hh, r->all, key, n, v);
	return v != NULL && head < v->seq;
}

void
revoked_add_blocks(struct revoked *r, uint64_t user, uint64_t at, int64_t now)
{
	add(r, 'b', user, (struct str){NULL, 0}, at, now);
}

bool
revoked_covers_blocks(const struct revoked *r, uint64_t user, uint64_t at)
{
	return is_void(r, 'b', user, (struct str){NULL, 0}, at);
}

bool
revoked_covers(const struct revoked *r, const struct claim *claim, struct str channel)
{
	const struct str none = {NULL, 0};

	return claim->time <= r->floor || is_void(r, 'c', claim->user, channel, claim->head) ||
	       is_void(r, 'c', WIRE_EVERYBODY, channel, claim->head) ||
	       is_void(r, 's', claim->session, none, 0);
}

void
revoked_finish(struct revoked *r)
{
	while (r->oldest != NULL)
		forget(r, r->oldest);
	r->floor = 0;
}
