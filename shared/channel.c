/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <inttypes.h>
#include <stdio.h>

/* Kinds without a prefix's trailing '-' have one stream, whose id is 0. */
static const struct str prefixes[] = {
    [WIRE_ROOM] = {"presence-room-", 14},
    [WIRE_USER] = {"private-user-", 13},
    [WIRE_LOBBY] = {"lobby", 5},
    [WIRE_SYSTEM] = {"#system", 7},
};

size_t
channel_write(enum wire_kind kind, uint64_t id, char out[CHANNEL_TEXT_SIZE])
{
	int n = kind == WIRE_ROOM || kind == WIRE_USER
		    ? snprintf(out, CHANNEL_TEXT_SIZE, "%s%" PRIu64, prefixes[kind].p, id)
		    : snprintf(out, CHANNEL_TEXT_SIZE, "%s", prefixes[kind].p);

	return (size_t)n;
}

/* A positive number without leading zeros, exact for every JSON reader. */
static bool
read_id(struct str s, uint64_t *id)
{
	*id = 0;
	if (s.n == 0 || s.n > 16 || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*id = *id * 10 + (uint64_t)(s.p[i] - '0');
	}
	return *id < (uint64_t)1 << 53;
}

bool
channel_read(struct str name, enum wire_kind *kind, uint64_t *id)
{
	for (*kind = WIRE_ROOM; *kind <= WIRE_SYSTEM; (*kind)++) {
		struct str prefix = prefixes[*kind];

		*id = 0;
		if (*kind >= WIRE_LOBBY && str_eq(name, prefix))
			return true;
		if (*kind < WIRE_LOBBY && name.n > prefix.n && str_starts(name, prefix) &&
		    read_id((struct str){name.p + prefix.n, name.n - prefix.n}, id))
			return true;
	}
	return false;
}

size_t
channel_write_call(uint64_t id, char out[CHANNEL_TEXT_SIZE])
{
	return (size_t)snprintf(out, CHANNEL_TEXT_SIZE, CHANNEL_CALL "%" PRIu64, id);
}

bool
channel_read_call(struct str name, uint64_t *id)
{
	const struct str prefix = STR(CHANNEL_CALL);

	return str_starts(name, prefix) &&
	       read_id((struct str){name.p + prefix.n, name.n - prefix.n}, id);
}
