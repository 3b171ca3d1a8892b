/* SPDX-License-Identifier: MIT */
/* Memory with one lifetime: everything taken from an arena goes at once.
 *
 * Allocation never fails: out of memory aborts the process, whose supervisor starts it again.
 * Memory is zeroed and aligned for any type. Nothing taken from an arena is freed by hand.
 */
#ifndef MARU_ARENA_H
#define MARU_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena_defer;

struct arena {
	struct arena_block
	    *first; /* kept over arena_reset(), so that a request rarely calls malloc */
	struct arena_block *last;
	struct arena_defer *defers;
	size_t total; /* bytes handed out since the last reset */
};

/* Bytes that one lifetime may take; beyond it the program is wrong and aborts. */
#define ARENA_MAX ((size_t)32 << 20)

void arena_init(struct arena *a);

/* Runs the deferred calls, newest first, and empties the arena for its next life. */
void arena_reset(struct arena *a);

/* As arena_reset(), and gives all memory back. Accepts a zeroed arena. */
void arena_finish(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *fmt, ...);

/* Ties a foreign object to the arena's life: fn(ptr) runs at its end. */
void arena_defer(struct arena *a, void (*fn)(void *), void *ptr);

#endif
