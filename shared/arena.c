/* SPDX-License-Identifier: MIT */
/* Bump allocation in a chain of blocks. Under AddressSanitizer the free tail is poisoned. */
#include "arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#ifndef __clang__ /* gcc takes poisoning for reading */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define RED_ZONE       16
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE       0
#endif

#define BLOCK_SIZE ((size_t)64 << 10)

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char data[];
};

struct arena_defer {
	struct arena_defer *next;
	void (*fn)(void *);
	void *ptr;
};

static struct arena_block *
block_create(size_t size)
{
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		abort();
	b->next = NULL;
	b->size = size;
	b->used = 0;
	POISON(b->data, size);
	return b;
}

static void
block_destroy(struct arena_block *b)
{
	UNPOISON(b->data, b->size);
	free(b);
}

void
arena_init(struct arena *a)
{
	a->first = a->last = block_create(BLOCK_SIZE);
	a->defers = NULL;
	a->total = 0;
}

static void
run_defers(struct arena *a)
{
	struct arena_defer *d;

	while ((d = a->defers) != NULL) {
		a->defers = d->next;
		d->fn(d->ptr);
	}
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b, *next;

	run_defers(a);
	for (b = a->first->next; b != NULL; b = next) {
		next = b->next;
		block_destroy(b);
	}
	a->first->next = NULL;
	a->first->used = 0;
	POISON(a->first->data, a->first->size);
	a->last = a->first;
	a->total = 0;
}

void
arena_finish(struct arena *a)
{
	if (a->first == NULL)
		return;
	arena_reset(a);
	block_destroy(a->first);
	a->first = a->last = NULL;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->last;
	size_t need = ((size + align - 1) & ~(align - 1)) + RED_ZONE;
	void *p;

	assert(size <= ARENA_MAX && a->total + need <= ARENA_MAX);
	if (b->size - b->used < need) {
		b = block_create(need > BLOCK_SIZE ? need : BLOCK_SIZE);
		a->last->next = b;
		a->last = b;
	}
	p = b->data + b->used;
	b->used += need;
	a->total += need;
	UNPOISON(p, size);
	return memset(p, 0, size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct arena_defer *d = arena_alloc(a, sizeof(*d));

	d->fn = fn;
	d->ptr = ptr;
	d->next = a->defers;
	a->defers = d;
}
