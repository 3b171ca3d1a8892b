/* SPDX-License-Identifier: MIT */
/* A message must not cost a question of its own. So a worker remembers which rooms have any words,
 * most have none, and the words of the few rooms that were last written in. Every two seconds it
 * asks how often words were changed; what was read since the last change is as good as new.
 */
#include "wordlists.h"

#include "gram.h"
#include "shared/clock.h"
#include "sql.h"

#include <stdlib.h>

#define FRESH_MS 2000
#define SLOTS    64
#define WORDS    1000 /* of one room */

struct slot {
	bool used;
	uint64_t room, changes; /* what was read, and when */
	struct arena mem;
	struct wordlist list;
};

static struct {
	int64_t asked_at; /* monotonic; 0: never */
	uint64_t changes; /* then */
	uint64_t *rooms;  /* that have words, in order; NULL: never read */
	size_t n;
	struct slot slots[SLOTS];
} cache;

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static enum err
read_rooms(struct req *r)
{
	json_t *rows, *row;
	size_t i;

	TRY(sql_word_rooms(r, &rows));
	free(cache.rooms);
	cache.n = json_array_size(rows);
	if ((cache.rooms = calloc(cache.n + 1, sizeof(*cache.rooms))) == NULL)
		abort();
	json_array_foreach (rows, i, row) {
		cache.rooms[i] = row_id(row, "room");
	}
	return OK;
}

/* The number of changes is read first: what is read after it is at least as new. */
static enum err
look(struct req *r)
{
	int64_t now = clock_mono();
	json_t *row;

	if (cache.asked_at != 0 && now - cache.asked_at < FRESH_MS)
		return OK;
	TRY(sql_word_changes(r, &row));
	if (cache.rooms == NULL || cache.changes != row_id(row, "changes"))
		TRY(read_rooms(r));
	cache.changes = row_id(row, "changes");
	cache.asked_at = now;
	return OK;
}

static void
fill(struct slot *s, const json_t *rows)
{
	size_t n = json_array_size(rows);

	s->list = (struct wordlist){.refuse = arena_alloc(&s->mem, (n + 1) * sizeof(char *)),
	    .mask = arena_alloc(&s->mem, (n + 1) * sizeof(char *))};
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(rows, i);
		const char *word = gram_fold(&s->mem, row_text(row, "word"));

		if (word == NULL || *word == '\0')
			continue;
		if (strcmp(row_text(row, "action"), "refuse") == 0)
			s->list.refuse[s->list.refuse_count++] = word;
		else
			s->list.mask[s->list.mask_count++] = word;
	}
}

static enum err
read_words(struct req *r, struct slot *s, uint64_t room)
{
	json_t *rows;

	TRY(sql_words_list(r, room, 0, WORDS, &rows));
	if (s->used)
		arena_reset(&s->mem);
	else
		arena_init(&s->mem);
	s->used = true;
	s->room = room;
	s->changes = cache.changes;
	fill(s, rows);
	return OK;
}

enum err
wordlists_get(struct req *r, uint64_t room, const struct wordlist **out)
{
	struct slot *s = &cache.slots[room == 0 ? 0 : 1 + room % (SLOTS - 1)];

	*out = NULL;
	TRY(look(r));
	if (bsearch(&room, cache.rooms, cache.n, sizeof(room), compare) == NULL)
		return OK;
	if (!s->used || s->room != room || s->changes != cache.changes)
		TRY(read_words(r, s, room));
	*out = &s->list;
	return OK;
}

enum err
wordlists_changed(struct req *r)
{
	wordlists_forget();
	return sql_word_changed(r, NULL);
}

void
wordlists_forget(void)
{
	cache.asked_at = 0;
}
