/* SPDX-License-Identifier: MIT */
#include "seats.h"

#include "bus.h"
#include "channel.h"
#include "presence.h"
#include "seat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEATS_MAX ((WIRE_MAX - 1024) / sizeof(struct wire_seat)) /* of one answer */

/* The channel of a room or a call, NULL if nobody is in it. */
static const struct channel *
channel_of(struct hub *h, enum wire_op question, uint64_t place)
{
	char name[CHANNEL_TEXT_SIZE];
	size_t n = question == WIRE_CALLS ? channel_write_call(place, name)
					  : channel_write(WIRE_ROOM, place, name);

	return hub_channel(h, (struct str){name, n});
}

static bool
is_there(struct hub *h, enum wire_op question, const struct wire_seat *seat)
{
	const struct channel *ch;
	char id[24];
	int n;

	if (seat->place == 0)
		return hub_is_here(h, seat->user);
	n = snprintf(id, sizeof(id), "%" PRIu64, seat->user);
	ch = channel_of(h, question, seat->place);
	return ch != NULL && presence_has(ch, (struct str){id, (size_t)n});
}

static bool
is_among(const struct wire_seat *seats, size_t n, uint64_t user)
{
	while (n > 0 && seats[n - 1].user != user)
		n--;
	return n > 0;
}

/* Adds those who hear a call and are none of these n, who are in it; returns how many there are
 * now. */
static size_t
add_strangers(
    struct hub *h, const struct wire_seat *seats, size_t n, struct wire_seat *out, size_t count)
{
	const struct channel *ch = channel_of(h, WIRE_CALLS, seats->place);

	for (uint32_t i = 0; ch != NULL && i < ch->count && count < SEATS_MAX; i++) {
		uint64_t user = ch->subs[i]->conn->user;

		if (!is_among(seats, n, user))
			out[count++] = (struct wire_seat){user, seats->place, WIRE_STRANGER};
	}
	return count;
}

/* The same for every call of which these are. */
static size_t
find_strangers(struct hub *h, struct wire_seat *seats, size_t n)
{
	size_t count = n, end;

	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n && seats[end].place == seats[i].place; end++)
			;
		if (seats[i].place != 0)
			count = add_strangers(h, &seats[i], end - i, seats, count);
	}
	return count;
}

bool
seats_answer(struct hub *h, const struct wire_packet *question)
{
	size_t n = question->body.n / sizeof(struct wire_seat);
	struct wire_packet answer = {.op = question->op == WIRE_CALLS ? WIRE_CALLED : WIRE_SEATED};
	struct wire_seat *seats;

	if (n == 0 || n > SEATS_MAX || question->body.n % sizeof(*seats) != 0)
		return false;
	if ((seats = calloc(SEATS_MAX, sizeof(*seats))) == NULL)
		abort();
	memcpy(seats, question->body.p, question->body.n);
	for (size_t i = 0; i < n; i++)
		seats[i].here = is_there(h, question->op, &seats[i]) ? WIRE_HERE : WIRE_MISSING;
	if (question->op == WIRE_CALLS)
		n = find_strangers(h, seats, n);
	answer.body = (struct str){(const char *)seats, n * sizeof(*seats)};
	(void)bus_ask(&answer); /* lost, it is asked again */
	free(seats);
	return true;
}
