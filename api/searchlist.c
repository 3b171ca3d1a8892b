/* SPDX-License-Identifier: MIT */
#include "searchlist.h"

#include "postings.h"
#include "said.h"
#include "sql.h"

#include <inttypes.h>
#include <stdlib.h>

#define STREAMS_MIN 64

/* ---- which keys ---- */

static void
add_key(struct searchlist *l, struct buf *out, uint64_t key)
{
	if (l->n == SEARCHLIST_GRAMS)
		return;
	buf_printf(out, "%s%" PRIu64, l->n++ == 0 ? "[" : ",", key);
}

/* Adds keys that cover a term: every second pair, and the last, which is not that of its last
 * character with nothing; but of one character it is all that there is. */
static void
add_pairs(struct searchlist *l, struct arena *mem, struct buf *out, const char *term)
{
	uint64_t *pairs = arena_alloc(mem, (strlen(term) + 1) * sizeof(*pairs));
	size_t n = said_pairs(term, pairs);

	if (n == 1)
		add_key(l, out, pairs[0]);
	for (size_t i = 0; i + 1 < n; i++)
		if (i % 2 == 0 || i + 2 == n)
			add_key(l, out, pairs[i]);
}

void
searchlist_init(struct searchlist *l, struct arena *mem, const struct searchfind *f)
{
	const struct searchquery *q = f->query;
	struct buf out;

	*l = (struct searchlist){0};
	buf_init(&out, 1024);
	if (f->sender != 0)
		add_key(l, &out, said_sender(f->sender));
	for (unsigned mark = 1; mark < 1U << SAID_MARKS; mark <<= 1)
		if (q->marks & mark)
			add_key(l, &out, said_mark(mark));
	for (size_t i = 0; i < q->n; i++)
		add_pairs(l, mem, &out, q->terms[i]);
	buf_addch(&out, ']');
	if (l->n > 0)
		l->grams = arena_strndup(mem, out.p, out.n);
	buf_finish(&out);
}

void
searchlist_finish(struct searchlist *l)
{
	free(l->heap);
	free(l->numbers);
}

/* ---- streams ---- */

static void
swap(struct searchstream *a, struct searchstream *b)
{
	struct searchstream c = *a;

	*a = *b;
	*b = c;
}

int64_t
searchlist_bound(const struct searchlist *l)
{
	return l->size == 0 ? INT64_MIN : l->heap[0].bound;
}

void
searchlist_push(struct searchlist *l, const struct searchstream *stream)
{
	size_t i = l->size, above;

	if (l->size == l->room) {
		l->room = l->room == 0 ? STREAMS_MIN : 2 * l->room;
		if ((l->heap = realloc(l->heap, l->room * sizeof(*l->heap))) == NULL)
			abort();
	}
	l->heap[l->size++] = *stream;
	for (; i > 0; i = above) {
		above = (i - 1) / 2;
		if (l->heap[above].bound >= l->heap[i].bound)
			return;
		swap(&l->heap[above], &l->heap[i]);
	}
}

struct searchstream
searchlist_pop(struct searchlist *l)
{
	struct searchstream top = l->heap[0];
	size_t i = 0, below;

	l->heap[0] = l->heap[--l->size];
	for (; (below = 2 * i + 1) < l->size; i = below) {
		if (below + 1 < l->size && l->heap[below + 1].bound > l->heap[below].bound)
			below++;
		if (l->heap[i].bound >= l->heap[below].bound)
			break;
		swap(&l->heap[i], &l->heap[below]);
	}
	return top;
}

uint64_t
searchlist_last(const struct searchstream *stream)
{
	uint32_t number =
	    stream->numbers == NULL ? stream->base + stream->n - 1 : stream->numbers[stream->n - 1];

	return stream->first + (number - stream->base);
}

bool
searchlist_next(struct searchstream *stream, uint64_t *seq)
{
	if (stream->n == 0)
		return false;
	*seq = searchlist_last(stream);
	stream->n--;
	return true;
}

void
searchlist_trim(struct searchstream *stream, uint64_t last)
{
	while (stream->n > 0 && searchlist_last(stream) > last)
		stream->n--;
}

/* ---- segments ---- */

/* The candidates of a segment, in memory of the request. */
struct segment {
	uint64_t id;
	const uint32_t *numbers;
	size_t n;
};

/* A list as a row brought it. */
struct list {
	uint64_t segment;
	const char *text;
	size_t length;
};

/* By segment; the shortest first. */
static int
compare_lists(const void *a, const void *b)
{
	const struct list *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	return (x->length > y->length) - (x->length < y->length);
}

/* Reads a list behind n numbers that are there. */
static size_t
read_list(struct searchlist *l, size_t n, const struct list *list)
{
	size_t wanted = n + list->length;

	if (wanted > l->numbers_room) {
		l->numbers_room = 2 * wanted;
		l->numbers = realloc(l->numbers, l->numbers_room * sizeof(*l->numbers));
		if (l->numbers == NULL)
			abort();
	}
	return n + postings_read(list->text, l->numbers + n);
}

/* The numbers that are in each of some lists. */
static size_t
meet(struct searchlist *l, const struct list *lists, size_t count)
{
	size_t n = count < l->n ? 0 : read_list(l, 0, &lists[0]);

	for (size_t i = 1; i < count && n > 0; i++)
		n = postings_meet(lists[i].text, l->numbers, n);
	return n;
}

/* The lists of all rows, those of a segment together. */
static struct list *
sorted(struct arena *mem, const json_t *rows)
{
	struct list *lists = arena_alloc(mem, (json_array_size(rows) + 1) * sizeof(*lists));
	const json_t *row;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)rows, i, row) {
		const char *text = row_text(row, "list");

		lists[i] = (struct list){row_id(row, "segment"), text, strlen(text)};
	}
	qsort(lists, i, sizeof(*lists), compare_lists);
	return lists;
}

/* Turns lists into segments with candidates, in the order of their ids; returns how many. */
static size_t
gather(struct searchlist *l, struct arena *mem, const json_t *rows, struct segment *out)
{
	const struct list *lists = sorted(mem, rows);
	size_t count = json_array_size(rows), begin, end, found = 0, n;

	for (begin = 0; begin < count; begin = end) {
		uint32_t *numbers;

		for (end = begin + 1; end < count; end++)
			if (lists[end].segment != lists[begin].segment)
				break;
		n = meet(l, &lists[begin], end - begin);
		if (n == 0)
			continue;
		numbers = arena_alloc(mem, n * sizeof(*numbers));
		memcpy(numbers, l->numbers, n * sizeof(*numbers));
		out[found++] = (struct segment){lists[begin].segment, numbers, n};
	}
	return found;
}

/* Adds the stream of a part, if it has candidates. They are looked for behind those of the part
 * before, at *from. */
static void
add_part(
    struct searchlist *l, const json_t *row, const struct segment *s, size_t *from, int64_t until)
{
	uint64_t width = row_id(row, "last") - row_id(row, "first") + 1;
	struct searchstream stream = {.room = row_id(row, "room"),
	    .first = row_id(row, "first"),
	    .base = (uint32_t)row_id(row, "base"),
	    .n = (uint32_t)width,
	    .newest = (int64_t)row_id(row, "newest"),
	    .slack = (int64_t)row_id(row, "slack")};
	size_t end;

	stream.bound = stream.newest < until ? stream.newest : until;
	if (s != NULL) {
		while (*from < s->n && s->numbers[*from] < stream.base)
			(*from)++;
		for (end = *from; end < s->n && s->numbers[end] < stream.base + width;)
			end++;
		stream.numbers = s->numbers + *from;
		stream.n = (uint32_t)(end - *from);
		*from = end;
	}
	if (stream.n > 0)
		searchlist_push(l, &stream);
}

static enum err
load_parts(struct searchlist *l, struct req *r, const struct searchfind *f, const char *segments,
    const struct segment *s, size_t n)
{
	json_t *rows, *row;
	size_t i, at = 0, from = 0;

	TRY(sql_search_parts(r, r->user, f->room, segments, f->after.at, f->since, &rows));
	json_array_foreach (rows, i, row) {
		uint64_t id = row_id(row, "segment");

		while (s != NULL && at < n && s[at].id != id) {
			at++;
			from = 0;
		}
		if (s != NULL && at == n)
			break;
		add_part(l, row, s == NULL ? NULL : &s[at], &from, f->after.at);
	}
	return OK;
}

enum err
searchlist_load(
    struct searchlist *l, struct req *r, const struct searchfind *f, const char *segments)
{
	struct buf *left = req_buf(r, 4096);
	struct segment *found;
	json_t *rows;
	size_t n;

	if (l->grams == NULL)
		return load_parts(l, r, f, segments, NULL, 0);
	TRY(sql_search_lists(r, segments, l->grams, &rows));
	found = arena_alloc(&r->mem, (json_array_size(rows) + 1) * sizeof(*found));
	if ((n = gather(l, &r->mem, rows, found)) == 0)
		return OK;
	for (size_t i = 0; i < n; i++)
		buf_printf(left, "%s%" PRIu64, i == 0 ? "[" : ",", found[i].id);
	buf_addch(left, ']');
	return load_parts(l, r, f, left->p, found, n);
}
