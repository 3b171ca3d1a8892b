/* SPDX-License-Identifier: MIT */
/* What the load generators have in common: the messages, the clock, the CPU time of other programs;
 * and of bench/ceiling.c and bench/send.c also the options and the report. Whatever differs between
 * those two would spoil their ratio, so it does not differ.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "hist.h"

#include <stdint.h>
#include <stdnoreturn.h>

#define SENDERS     32
#define ROOM_FIRST  1001 /* rooms have four digits: a prepared request is patched in place */
#define BODY_LENGTH 200
#define ID_LENGTH   36 /* client_id looks like a UUID, as a browser's does */
#define WATCH_MAX   8
#define TOKEN_SIZE  512

struct sender {
	uint64_t user;
	uint64_t session;
	char token[TOKEN_SIZE];
	uint64_t random; /* state of the generator, never 0 */
};

/* A program whose CPU time is of interest: all processes of one session (setsid). */
struct watch {
	const char *name;
	int session;
	double before; /* seconds */
};

struct load {
	const char *target; /* a socket of MariaDB, or a port */
	unsigned rooms;
	double warmup, seconds;
	struct sender senders[SENDERS];
	struct watch watches[WATCH_MAX];
	unsigned watch_count;
	double self_before, idle_before;
};

struct result {
	uint64_t acked;    /* over the whole run, warm-up and end included */
	uint64_t other;    /* answers that were not "stored" */
	uint64_t lost;     /* requests without an answer */
	double seconds;    /* of the window */
	struct hist times; /* of what was answered within the window */
};

noreturn void die(const char *what, const char *why);

/* Options: -r rooms -w seconds (warm-up) -t seconds -k senders.txt -c name=session ... TARGET */
void load_read(struct load *load, int argc, char **argv);

/* Reads `count` (at most 65536) lines "user session token" of a file. */
void load_senders(struct sender *senders, unsigned count, const char *path);

/* One -c: name=session, whose text is kept. */
void load_watch(struct load *load, char *text);

/* Monotonic, in microseconds. */
uint64_t load_now(void);

/* BODY_LENGTH characters of ASCII. */
const char *load_body(void);
uint64_t load_random(struct sender *s);
unsigned load_room(const struct load *load, struct sender *s);
void load_client_id(struct sender *s, char out[ID_LENGTH]);

/* The window begins; remembers the CPU times. */
void load_begin(struct load *load);

/* The window is over. Prints one line of JSON without its end: load_report() adds that. */
void load_end(const struct load *load);
void load_report(const struct result *result);

#endif
