/* SPDX-License-Identifier: MIT */
/* The table behind cache.h, also a list with the oldest first. */
#include "cache.h"

#include "table.h"

#include <utlist.h>

struct cached {
	UT_hash_handle hh;
	struct cached *prev, *next;
	int64_t since;
	struct msg *msg;
	uint32_t n;
	char channel[];
};

static struct {
	struct cached *all; /* by channel */
	struct cached *oldest;
	size_t bytes; /* of the messages */
} cache;

bool
cache_is_for(struct str channel)
{
	static const struct str prefixes[] = {{"cache-", 6}, {"private-cache-", 14},
	    {"presence-cache-", 15}, {"private-encrypted-cache-", 24}};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (str_starts(channel, prefixes[i]))
			return true;
	}
	return false;
}

static struct cached *
find(struct str channel)
{
	struct cached *e;

	HASH_FIND(hh, cache.all, channel.p, channel.n, e);
	return e;
}

static void
forget(struct cached *e)
{
	HASH_DELETE(hh, cache.all, e);
	DL_DELETE(cache.oldest, e);
	cache.bytes -= e->msg->size;
	msg_put(e->msg);
	free(e);
}

static bool
is_too_much(int64_t now)
{
	return cache.oldest != NULL &&
	       (now - cache.oldest->since >= CACHE_MS || cache.bytes > CACHE_BYTES ||
		   HASH_COUNT(cache.all) > CACHE_COUNT);
}

void
cache_put(struct str channel, struct msg *m, int64_t now)
{
	struct cached *e = find(channel);

	if (e != NULL)
		forget(e);
	if ((e = calloc(1, sizeof(*e) + channel.n)) == NULL)
		abort();
	e->since = now;
	e->msg = msg_get(m);
	e->n = (uint32_t)channel.n;
	memcpy(e->channel, channel.p, channel.n);
	HASH_ADD_KEYPTR(hh, cache.all, e->channel, e->n, e);
	DL_APPEND(cache.oldest, e);
	cache.bytes += m->size;
	while (is_too_much(now))
		forget(cache.oldest);
}

struct msg *
cache_get(struct str channel, int64_t now)
{
	const struct cached *e;

	while (cache.oldest != NULL && now - cache.oldest->since >= CACHE_MS)
		forget(cache.oldest);
	e = find(channel);
	return e == NULL ? NULL : e->msg;
}

int64_t
cache_left(struct str channel, int64_t now)
{
	return cache_get(channel, now) == NULL ? 0 : find(channel)->since + CACHE_MS - now;
}

void
cache_finish(void)
{
	while (cache.oldest != NULL)
		forget(cache.oldest);
}
