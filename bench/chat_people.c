/* SPDX-License-Identifier: MIT */
#include "chat_people.h"

#include "chat_talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define OPENING  64         /* connections that are on their way at a time */
#define PATIENCE 20000000ul /* microseconds until the next of them has to be there */

struct people people;

static void
hear(struct websocket *w, struct str text)
{
	people.talk->hear((struct person *)w, text);
}

static void
closed(struct websocket *w, struct str why)
{
	struct person *p = (struct person *)w;

	if (!p->ready)
		die("a connection was not accepted", why.p);
	p->ready = false;
	people.present[person_room(p)]--;
	if (people.closed++ < 3)
		(void)fprintf(stderr, "bench: connection %u: %s\n", person_number(p), why.p);
}

void
people_ready(struct person *p)
{
	p->ready = true;
	people.present[person_room(p)]++;
	people.ready++;
}

static void
init(const char *users)
{
	static const struct websocket_events events = {hear, closed};
	struct sender *senders;

	people.count = people.rooms * people.size;
	people.all = calloc(people.count, sizeof(*people.all));
	people.present = calloc(people.rooms, sizeof(*people.present));
	senders = calloc(people.count, sizeof(*senders));
	if (people.all == NULL || people.present == NULL || senders == NULL)
		die("memory", strerror(errno));
	load_senders(senders, people.count, users);
	for (unsigned i = 0; i < people.count; i++)
		people.all[i].user = &senders[i];
	websocket_start(&events);
}

void
people_open(const struct talk *talk, unsigned port, const char *key, const char *users)
{
	char path[128];
	unsigned opened = 0, ready = 0;
	uint64_t last = load_now();

	init(users);
	people.talk = talk;
	talk->path(path, sizeof(path), key);
	while (people.ready < people.count) {
		while (opened < people.count && opened - people.ready < OPENING)
			websocket_open(&people.all[opened++].ws, port, path);
		net_serve(PATIENCE);
		if (people.ready > ready) {
			ready = people.ready;
			last = load_now();
		}
		if (load_now() - last > PATIENCE)
			die("connections are missing", "no answer from the server");
	}
}

struct person *
people_next(void)
{
	static unsigned turn;

	for (unsigned i = 0; i < people.count; i++) {
		unsigned at = turn++ % people.count;
		struct person *p = &people.all[at % people.rooms * people.size + at / people.rooms];

		if (p->ready)
			return p;
	}
	die("people", "all connections have ended");
}
