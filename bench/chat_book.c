/* SPDX-License-Identifier: MIT */
#include "chat_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct message {
	uint64_t due;
	uint64_t *got;   /* a bit for each member of the room; NULL once nobody is missing */
	uint32_t sender; /* number of a person */
	uint32_t missing;
	bool arrived; /* at anybody */
	enum book_answer answer;
};

struct book book;

static struct {
	struct message *messages;
	size_t room;     /* for so many */
	uint64_t **free; /* bitmaps without bits */
	size_t free_count, free_room;
} store;

void
book_start(void)
{
	book.from = book.to = UINT64_MAX;
}

/* ---- bitmaps ----------------------------------------------------------------------- */

/* Twice the elements. */
static void *
grow(void *p, size_t *count, size_t size)
{
	*count = *count == 0 ? 1024 : *count * 2;
	if ((p = realloc(p, *count * size)) == NULL)
		die("memory", strerror(errno));
	return p;
}

static size_t
words(void)
{
	return (people.size + 63) / 64;
}

static uint64_t *
take_bitmap(void)
{
	uint64_t *p;

	if (store.free_count > 0)
		return store.free[--store.free_count];
	if ((p = calloc(words(), sizeof(*p))) == NULL)
		die("memory", strerror(errno));
	return p;
}

static void
give_bitmap(uint64_t *p)
{
	if (store.free_count == store.free_room)
		store.free = grow(store.free, &store.free_room, sizeof(*store.free));
	memset(p, 0, words() * sizeof(*p));
	store.free[store.free_count++] = p;
}

/* ---- messages ---------------------------------------------------------------------- */

static struct message *
find(uint64_t number)
{
	if (number >= book.sent)
		die("message", "nobody sent it");
	return &store.messages[number];
}

static bool
inside(uint64_t time)
{
	return time >= book.from && time < book.to;
}

static void
took(const struct message *m, enum book_time what, uint64_t now)
{
	if (inside(m->due))
		hist_add(&book.times[what], now - m->due);
}

static void
settle(uint64_t now)
{
	book.unsettled--;
	book.settled_at = now;
}

uint64_t
book_add(const struct person *sender, uint64_t due)
{
	if (book.sent == store.room)
		store.messages = grow(store.messages, &store.room, sizeof(*store.messages));
	store.messages[book.sent] = (struct message){.due = due,
	    .got = take_bitmap(),
	    .sender = person_number(sender),
	    .missing = people.present[person_room(sender)]};
	book.answers[BOOK_NONE]++;
	book.unsettled++;
	return book.sent++;
}

struct person *
book_sender(uint64_t number)
{
	return &people.all[find(number)->sender];
}

void
book_answer(uint64_t number, enum book_answer answer, struct str text)
{
	struct message *m = find(number);
	uint64_t now = load_now();

	if (m->answer != BOOK_NONE)
		die("answered twice", text.p);
	m->answer = answer;
	book.answers[BOOK_NONE]--;
	book.answers[answer]++;
	if (answer == BOOK_ACKED) {
		took(m, BOOK_ACK, now);
		book.acked_inside += inside(now);
	} else if (book.answers[BOOK_REFUSED] + book.answers[BOOK_UNANSWERED] <= 3) {
		(void)fprintf(stderr, "bench: not stored: %.*s\n", (int)text.n, text.p);
	}
	if (answer != BOOK_ACKED || m->missing == 0)
		settle(now);
}

/* The last one has it. */
static void
complete(struct message *m, uint64_t now)
{
	took(m, BOOK_LAST, now);
	give_bitmap(m->got);
	m->got = NULL;
	if (m->answer == BOOK_ACKED)
		settle(now);
}

void
book_arrival(struct person *receiver, uint64_t number, uint64_t order)
{
	unsigned who = person_number(receiver), seat = who % people.size;
	uint64_t now = load_now(), bit = UINT64_C(1) << seat % 64;
	struct message *m = find(number);

	if (m->sender / people.size != person_room(receiver))
		die("message", "it came to another room");
	if (m->got == NULL || (m->got[seat / 64] & bit) != 0) {
		book.duplicated++;
		return;
	}
	m->got[seat / 64] |= bit;
	if (order < receiver->last)
		book.disordered++;
	else
		receiver->last = order;
	book.deliveries += inside(now);
	if (!m->arrived)
		took(m, BOOK_FIRST, now);
	m->arrived = true;
	if (m->sender == who)
		took(m, BOOK_ECHO, now);
	if (--m->missing == 0)
		complete(m, now);
}

uint64_t
book_lost(void)
{
	uint64_t lost = 0;

	for (const struct message *m = store.messages; m < store.messages + book.sent; m++) {
		const struct person *first = &people.all[m->sender / people.size * people.size];

		if (m->answer != BOOK_ACKED || m->got == NULL)
			continue;
		for (unsigned seat = 0; seat < people.size; seat++)
			lost += first[seat].ready && (m->got[seat / 64] >> seat % 64 & 1) == 0;
	}
	return lost;
}
