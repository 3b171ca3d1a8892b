/* SPDX-License-Identifier: MIT */
#include "seats.h"

#include "bus.h"
#include "channel.h"
#include "presence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_there(struct hub *h, const struct wire_desk *desk)
{
	char name[CHANNEL_TEXT_SIZE], id[24];
	const struct channel *ch;
	int n;

	if (desk->room == 0)
		return hub_is_here(h, desk->user);
	ch = hub_channel(h, (struct str){name, channel_write(WIRE_ROOM, desk->room, name)});
	n = snprintf(id, sizeof(id), "%" PRIu64, desk->user);
	return ch != NULL && presence_has(ch, (struct str){id, (size_t)n});
}

bool
seats_answer(struct hub *h, const struct wire_packet *question)
{
	size_t n = question->body.n / sizeof(struct wire_desk);
	struct wire_packet answer = {.op = WIRE_SEATED, .body = question->body};
	struct wire_desk *desks;

	if (n == 0 || question->body.n % sizeof(*desks) != 0)
		return false;
	if ((desks = malloc(question->body.n)) == NULL)
		abort();
	memcpy(desks, question->body.p, question->body.n);
	for (size_t i = 0; i < n; i++)
		desks[i].here = is_there(h, &desks[i]);
	answer.body.p = (const char *)desks;
	(void)bus_ask(&answer); /* lost, it is asked again */
	free(desks);
	return true;
}
