/* SPDX-License-Identifier: MIT */
/* The book of bench/chat.c: which message was due when, whether the server acknowledged it, and who
 * got it. All that is said about times, losses and order comes from here.
 */
#ifndef BENCH_CHAT_BOOK_H
#define BENCH_CHAT_BOOK_H

#include "chat_people.h"
#include "hist.h"

/* From the moment when a message was due: to the acknowledgement; to its arrival at its sender's
 * own websocket, at the first member of the room, at the last one. */
enum book_time { BOOK_ACK, BOOK_ECHO, BOOK_FIRST, BOOK_LAST, BOOK_TIMES };

enum book_answer { BOOK_NONE, BOOK_ACKED, BOOK_REFUSED, BOOK_UNANSWERED };

struct book {
	uint64_t from, to;             /* the window; nothing is before it begins */
	struct hist times[BOOK_TIMES]; /* of messages that were due in the window */
	uint64_t acked_inside;         /* acknowledgements that came in the window */
	uint64_t deliveries;           /* arrivals in the window */

	/* Of the whole run: */
	uint64_t sent;
	uint64_t
	    answers[BOOK_UNANSWERED + 1]; /* of each kind; at BOOK_NONE those that are to come */
	uint64_t unsettled; /* messages that wait for an answer or are still on their way */
	uint64_t
	    settled_at; /* load_now() when a message was the last time not among these any more */
	uint64_t duplicated; /* arrivals at somebody who had the message */
	uint64_t disordered; /* arrivals after that of one with a higher order */
};

extern struct book book;

void book_start(void);

/* A new message that was due at a time; returns its number, counted from 0. */
uint64_t book_add(const struct person *sender, uint64_t due);
struct person *book_sender(uint64_t number);

/* text: what the server said. */
void book_answer(uint64_t number, enum book_answer answer, struct str text);

/* It has arrived. order: the server's number of the message, which rises in each room. */
void book_arrival(struct person *receiver, uint64_t number, uint64_t order);

/* Acknowledged messages x members of the room who are connected and did not get them. */
uint64_t book_lost(void);

#endif
