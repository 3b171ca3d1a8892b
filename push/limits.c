/* SPDX-License-Identifier: MIT */
/* Counting behind limits.h. */
#include "limits.h"

#include "codes.h"
#include "table.h"
#include "turn.h"

/* An address that has connections. */
struct place {
	UT_hash_handle hh;
	unsigned char address[16];
	uint32_t count;
};

static struct place *places;
static struct bucket handshakes;

/* Writes what an address counts as. False: it is not counted, as it is unknown or this host's. */
static bool
read_place(const struct conn *c, unsigned char out[16])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const unsigned char unknown[16], loopback[16] = {[15] = 1};

	memcpy(out, c->address, 16);
	if (memcmp(out, mapped, sizeof(mapped)) == 0)
		return out[12] != 127;
	if (memcmp(out, unknown, 16) == 0 || memcmp(out, loopback, 16) == 0)
		return false;
	memset(out + 8, 0, 8);
	return true;
}

static bool
count(struct conn *c)
{
	int64_t max = c->conf->push_address_connections;
	unsigned char address[16];
	struct place *p;

	if (max == 0 || !read_place(c, address))
		return true;
	HASH_FIND(hh, places, address, sizeof(address), p);
	if (p != NULL && p->count >= max)
		return false;
	if (p == NULL) {
		if ((p = calloc(1, sizeof(*p))) == NULL)
			abort();
		memcpy(p->address, address, sizeof(address));
		HASH_ADD(hh, places, address, sizeof(p->address), p);
	}
	p->count++;
	c->place = p;
	return true;
}

const char *
limits_open(struct conn *c, int64_t now)
{
	int64_t rate = c->conf->push_handshakes;

	if (rate > 0 && !bucket_take(&handshakes, rate, rate, now))
		return "Too many are coming at once";
	return count(c) ? NULL : "Too many connections of one address";
}

void
limits_close(struct conn *c)
{
	struct place *p = c->place;

	c->place = NULL;
	if (p == NULL || --p->count > 0)
		return;
	HASH_DELETE(hh, places, p);
	free(p);
}

bool
limits_frame(struct conn *c, int64_t now)
{
	int64_t rate = c->conf->push_frames;

	if (rate == 0 || bucket_take(&c->frames, rate, LIMITS_FRAMES, now))
		return true;
	turn_end(c, CODE_TOO_MUCH, "Too many messages");
	return false;
}

bool
limits_resume(struct conn *c, int64_t now)
{
	if (bucket_take(&c->resumes, LIMITS_RESUMED, LIMITS_RESUMES, now))
		return true;
	turn_end(c, CODE_TOO_MUCH, "Too many catch-ups");
	return false;
}
