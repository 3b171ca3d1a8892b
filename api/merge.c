/* SPDX-License-Identifier: MIT */
#include "merge.h"

#include "db.h"
#include "shared/clock.h"
#include "shared/crash.h"
#include "sql.h"

#include <inttypes.h>
#include <stdlib.h>

#define AT_ONCE       8       /* segments of a size that become one */
#define SMALL         4096    /* postings of a segment of the smallest size */
#define SIZES         4       /* each of them AT_ONCE times the one before; what is larger stays */
#define POSTINGS_MAX  2500000 /* of what is merged: 40 MB while it is done */
#define RANGES        300
#define READ_POSTINGS 20000 /* of a step: about 20 ms */
#define REST          10    /* after writing one anew rest so many times as long as it took */
#define ERASED        2000

void
merge_finish(struct merge *m)
{
	searchbuild_clear(&m->build);
	free(m->sources);
	*m = (struct merge){.rest_until = m->rest_until};
}

static int
size_of(uint64_t postings)
{
	int size = 0;

	for (uint64_t bound = SMALL; postings >= bound && size < SIZES; bound *= AT_ONCE)
		size++;
	return size;
}

/* Lists ready segments of a size, as many as fit; fewer than two: none. */
static const char *
list_size(struct req *r, const json_t *ready, int size)
{
	struct buf *text = req_buf(r, 256);
	uint64_t postings = 0;
	const json_t *row;
	int n = 0;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)ready, i, row) {
		if (size_of(row_id(row, "postings")) != size || n == AT_ONCE ||
		    postings + row_id(row, "postings") > POSTINGS_MAX)
			continue;
		postings += row_id(row, "postings");
		buf_printf(text, "%s%" PRIu64, n++ == 0 ? "[" : ",", row_id(row, "id"));
	}
	buf_addch(text, ']');
	return n < 2 ? NULL : text->p;
}

/* What is to be done next: a size of which there are enough, else a segment that is due. */
static const char *
choose(struct merge *m, struct req *r, const json_t *ready)
{
	int counts[SIZES + 1] = {0};
	const json_t *row;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)ready, i, row)
		counts[size_of(row_id(row, "postings"))]++;
	for (int size = 0; size < SIZES; size++)
		if (counts[size] >= AT_ONCE && list_size(r, ready, size) != NULL)
			return list_size(r, ready, size);
	if (clock_mono() < m->rest_until)
		return NULL;
	json_array_foreach ((json_t *)(uintptr_t)ready, i, row)
		if (row_id(row, "due") != 0)
			return arena_printf(&r->mem, "[%" PRIu64 "]", row_id(row, "id"));
	return NULL;
}

/* Reads one range, without what was read with the one before. */
static enum err
read_range(struct merge *m, struct req *r, const json_t *range)
{
	uint64_t room = row_id(range, "room"), first = row_id(range, "first");
	json_t *rows, *row;
	size_t i;

	if (room == m->room && first <= m->seq)
		first = m->seq + 1;
	if (first > row_id(range, "last"))
		return OK;
	TRY(sql_indexer_messages(r, room, first, row_id(range, "last"), SEARCHBUILD_PART, &rows));
	json_array_foreach (rows, i, row) {
		searchbuild_add(&m->build, room, row);
	}
	m->room = room;
	m->seq = row_id(range, "last");
	return OK;
}

/* Reads some ranges of what is merged. */
static enum err
read_some(struct merge *m, struct req *r)
{
	size_t enough = m->build.count + READ_POSTINGS, i;
	json_t *ranges, *range;

	TRY(sql_indexer_ranges(r, m->sources, m->part_room, m->part_first, RANGES, &ranges));
	json_array_foreach (ranges, i, range) {
		TRY(read_range(m, r, range));
		m->part_room = row_id(range, "room");
		m->part_first = row_id(range, "first");
		if (m->build.count > enough)
			return OK;
	}
	m->read = i < RANGES;
	return m->read ? searchbuild_begin(&m->build, r) : OK;
}

static enum err
publish(struct merge *m, struct req *r)
{
	TRY(db_begin(r->db));
	TRY(searchbuild_publish(&m->build, r, m->sources));
	CRASH_POINT("api.before_merged");
	return db_commit(r->db);
}

static enum err
go_on(struct merge *m, struct req *r)
{
	bool more, alone = strchr(m->sources, ',') == NULL;

	if (!m->read)
		return read_some(m, r);
	TRY(searchbuild_write(&m->build, r, &more));
	if (more)
		return OK;
	TRY(publish(m, r));
	if (alone)
		m->rest_until = clock_mono() + REST * (clock_mono() - m->began);
	merge_finish(m);
	return OK;
}

/* Erases some of a segment that is not used; *more: there was one. */
static enum err
erase(struct merge *m, struct req *r, bool *more)
{
	uint64_t posts, parts;
	json_t *row;
	enum err e = sql_indexer_garbage(r, m->build.segment, &row);

	*more = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(sql_indexer_drop_posts(r, row_id(row, "id"), ERASED, &posts));
	TRY(sql_indexer_drop_parts(r, row_id(row, "id"), ERASED, &parts));
	return posts + parts > 0 ? OK : sql_indexer_drop(r, row_id(row, "id"), NULL);
}

enum err
merge_step(struct merge *m, struct req *r, bool *more)
{
	const char *sources;
	json_t *ready;

	*more = true;
	if (m->sources != NULL)
		return go_on(m, r);
	TRY(sql_indexer_ready_ones(r, &ready));
	if ((sources = choose(m, r, ready)) == NULL)
		return erase(m, r, more);
	TRY(sql_indexer_clean(r, sources, NULL));
	m->sources = strdup(sources);
	if (m->sources == NULL)
		abort();
	m->began = clock_mono();
	return OK;
}
