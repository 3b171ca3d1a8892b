/* SPDX-License-Identifier: MIT */
/* The people of bench/chat.c: each has one websocket and listens to one room. Number i, from 0, is
 * in room ROOM_FIRST + i / size.
 */
#ifndef BENCH_CHAT_PEOPLE_H
#define BENCH_CHAT_PEOPLE_H

#include "chat_socket.h"
#include "load.h"

struct talk;

struct person {
	struct websocket ws;
	bool ready;          /* listens to the room */
	char id[24];         /* what the server calls the connection */
	uint64_t last;       /* highest order of a message that came, see chat_book.h */
	struct sender *user; /* whose name it has */
};

struct people {
	unsigned rooms, size; /* so many in each */
	unsigned count;       /* of all */
	unsigned ready;       /* of these, that listened once */
	unsigned closed;      /* of these, whose connection has ended since */
	unsigned *present;    /* of each room, that listen */
	struct person *all;
	const struct talk *talk;
};

extern struct people people;

/* Opens connections to a port, for the application of a key, and returns when all listen. users: a
 * file, see load_senders(). */
void people_open(const struct talk *talk, unsigned port, const char *key, const char *users);

/* What its dialect has to say when the server has agreed that it listens. */
void people_ready(struct person *p);

/* Whose turn it is: members of all rooms, one after the other, as long as they are connected. */
struct person *people_next(void);

static inline unsigned
person_number(const struct person *p)
{
	return (unsigned)(p - people.all);
}

/* From 0. */
static inline unsigned
person_room(const struct person *p)
{
	return person_number(p) / people.size;
}

#endif
