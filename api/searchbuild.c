/* SPDX-License-Identifier: MIT */
#include "searchbuild.h"

#include "postings.h"
#include "said.h"
#include "sql.h"

#include <inttypes.h>
#include <stdlib.h>

#define SHORT_LIST   200 /* as in indexer_posts */
#define LISTS_ONCE   2000
#define PARTS_ONCE   1000
#define TEXT_ONCE    ((size_t)1 << 20)
#define POSTINGS_MIN 4096

void
searchbuild_clear(struct searchbuild *b)
{
	arena_finish(&b->mem);
	free(b->parts);
	free(b->postings);
	*b = (struct searchbuild){0};
}

/* Makes room for more elements. */
static void *
grow(void *old, size_t *size, size_t wanted, size_t each)
{
	if (wanted <= *size)
		return old;
	*size = wanted < POSTINGS_MIN ? POSTINGS_MIN : wanted + wanted / 2;
	if ((old = realloc(old, *size * each)) == NULL)
		abort();
	return old;
}

static void
add_posting(struct searchbuild *b, uint64_t key, uint32_t number)
{
	b->postings = grow(b->postings, &b->room, b->count + 1, sizeof(*b->postings));
	b->postings[b->count++] = (struct searchbuild_posting){key, number};
}

/* The part that a message belongs to: the last one, or a new one behind it. */
static struct searchbuild_part *
part_of(struct searchbuild *b, uint64_t room, uint64_t seq, int64_t at)
{
	struct searchbuild_part *last = b->n == 0 ? NULL : &b->parts[b->n - 1];
	uint32_t base = last == NULL ? 0 : last->base + (uint32_t)(last->last - last->first) + 1;

	if (last != NULL && last->room == room && seq - last->first < SEARCHBUILD_PART)
		return last;
	b->parts = grow(b->parts, &b->size, b->n + 1, sizeof(*b->parts));
	b->parts[b->n] =
	    (struct searchbuild_part){room, seq, seq, base, .oldest = at, .newest = at};
	return &b->parts[b->n++];
}

void
searchbuild_add(struct searchbuild *b, uint64_t room, const json_t *row)
{
	int64_t at = (int64_t)row_id(row, "at");
	struct searchbuild_part *part;
	uint32_t number;
	const char *folded;
	uint64_t *keys;
	unsigned marks;
	size_t n;

	if (row_id(row, "kept") == 0)
		return;
	part = part_of(b, room, row_id(row, "seq"), at);
	number = part->base + (uint32_t)(row_id(row, "seq") - part->first);
	if (b->mem.first == NULL)
		arena_init(&b->mem);
	folded = said_fold(&b->mem, row_text(row, "body"));
	part->last = row_id(row, "seq");
	part->slack = part->newest - at > part->slack ? part->newest - at : part->slack;
	part->oldest = at < part->oldest ? at : part->oldest;
	part->newest = at > part->newest ? at : part->newest;
	folded = folded == NULL ? "" : folded;
	keys = arena_alloc(&b->mem, (2 * strlen(folded) + 1) * sizeof(*keys));
	n = said_keys(folded, keys);
	for (size_t i = 0; i < n; i++)
		add_posting(b, keys[i], number);
	add_posting(b, said_sender(row_id(row, "sender")), number);
	marks = said_marks(row, folded);
	for (unsigned mark = 1; mark <= marks; mark <<= 1)
		if (marks & mark)
			add_posting(b, said_mark(mark), number);
	arena_reset(&b->mem);
}

static int
compare(const void *a, const void *b)
{
	const struct searchbuild_posting *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

enum err
searchbuild_begin(struct searchbuild *b, struct req *r)
{
	TRY(sql_indexer_segment(r, NULL));
	b->segment = db_insert_id(r->db);
	if (b->count > 0)
		qsort(b->postings, b->count, sizeof(*b->postings), compare);
	return OK;
}

/* Adds the list of the key that is to be written next, each number once. */
static void
add_list(struct searchbuild *b, struct buf *out)
{
	uint64_t key = b->postings[b->written].key;
	uint32_t last = UINT32_MAX;

	for (; b->written < b->count && b->postings[b->written].key == key; b->written++)
		if (last != b->postings[b->written].number)
			postings_add(out, &last, b->postings[b->written].number);
}

enum err
searchbuild_write(struct searchbuild *b, struct req *r, bool *more)
{
	struct buf *lists = req_buf(r, TEXT_ONCE), *list = req_buf(r, TEXT_ONCE * 8);
	int n = 0;

	buf_addch(lists, '[');
	while (b->written < b->count && n < LISTS_ONCE) {
		uint64_t key = b->postings[b->written].key;

		buf_clear(list);
		add_list(b, list);
		if (list->n > SHORT_LIST)
			TRY(sql_indexer_post(r, b->segment, key, list->p, NULL));
		else
			buf_printf(
			    lists, "%s[%" PRIu64 ",\"%s\"]", lists->n > 1 ? "," : "", key, list->p);
		n++;
	}
	buf_addch(lists, ']');
	*more = b->written < b->count;
	return lists->n > 2 ? sql_indexer_posts(r, b->segment, lists->p, NULL) : OK;
}

static enum err
write_parts(const struct searchbuild *b, struct req *r)
{
	struct buf *text = req_buf(r, TEXT_ONCE);

	for (size_t i = 0; i < b->n; i++) {
		const struct searchbuild_part *p = &b->parts[i];

		buf_printf(text,
		    "%s[%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRId64
		    ",%" PRId64 "]",
		    text->n == 0 ? "[" : ",", p->base, p->room, p->first, p->last, p->oldest,
		    p->newest, p->slack);
		if (i + 1 < b->n && (i + 1) % PARTS_ONCE != 0)
			continue;
		buf_addch(text, ']');
		TRY(sql_indexer_parts(r, b->segment, text->p, NULL));
		buf_clear(text);
	}
	return OK;
}

enum err
searchbuild_publish(struct searchbuild *b, struct req *r, const char *others)
{
	TRY(write_parts(b, r));
	TRY(sql_indexer_shares(r, b->segment, NULL));
	TRY(sql_indexer_ready(r, b->segment, (int64_t)b->count, others, NULL));
	TRY(sql_indexer_unshare(r, others, NULL));
	return sql_indexer_replace(r, others, NULL);
}
