/* SPDX-License-Identifier: MIT */
/* See searchfind.h. A segment gives a stream of candidates for each part of a room in it, newest
 * first, of which it is known how new the next one can be: its bound. So segments are read and
 * candidates looked at in the order of their bounds, only until no bound is above the last result
 * that is wanted. One call does so much work, and then says how far it came.
 */
#include "searchfind.h"

#include "said.h"
#include "searchlist.h"
#include "sql.h"

#include <inttypes.h>

#define BATCH        100  /* candidates that are looked at with one statement */
#define CHUNK_MIN    8    /* of one stream at first; then twice as many each time */
#define WORK_MAX     1000 /* candidates, or what takes as long */
#define SEGMENT_WORK 10
#define SEGMENTS_MAX 8
#define LONG_TEXT    500 /* bytes that take as long as another candidate */

struct found {
	struct searchplace place;
	json_t *row;
};

/* The candidates that one batch takes of a stream. */
struct share {
	struct searchstream stream;
	uint64_t lowest; /* seq that was answered, and its time */
	int64_t at;
};

struct finder {
	struct req *r;
	struct searchfind *f;
	struct searchlist list;
	json_t *segments;
	size_t loaded, step; /* segments; how many are read next */
	struct found *found;
	size_t n, size;
	size_t work;
	struct arena scratch;
};

static int
compare(const struct searchplace *a, const struct searchplace *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->room != b->room)
		return a->room < b->room ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Puts a result in its place. A message that was changed may come from two segments. */
static void
keep(struct finder *s, const struct searchplace *place, json_t *row)
{
	size_t i = s->n;

	while (i > 0 && compare(&s->found[i - 1].place, place) < 0)
		i--;
	if (i > s->f->limit || (i > 0 && compare(&s->found[i - 1].place, place) == 0))
		return;
	if (s->n > s->f->limit)
		s->n--; /* the last one is wanted no more */
	memmove(&s->found[i + 1], &s->found[i], (s->n - i) * sizeof(*s->found));
	s->found[i] = (struct found){*place, row};
	s->n++;
}

/* Whether a message is what is searched for. */
static bool
fits(struct finder *s, const json_t *row)
{
	const struct searchquery *q = s->f->query;
	const char *folded = said_fold(&s->scratch, row_text(row, "body"));
	bool ok = folded != NULL;

	for (size_t i = 0; ok && i < q->n; i++)
		ok = strstr(folded, q->terms[i]) != NULL;
	ok = ok && (q->marks & ~said_marks(row, folded)) == 0;
	arena_reset(&s->scratch);
	return ok;
}

/* Looks at one message that a batch has brought. */
static void
judge(struct finder *s, struct share *from, json_t *row)
{
	struct searchplace place = {
	    (int64_t)row_id(row, "at"), row_id(row, "room"), row_id(row, "seq")};

	s->work += strlen(row_text(row, "body")) / LONG_TEXT;
	if (from->lowest == 0 || place.seq < from->lowest) {
		from->lowest = place.seq;
		from->at = place.at;
	}
	if (place.at < s->f->since || compare(&place, &s->f->after) >= 0 || !fits(s, row))
		return;
	(void)json_object_del(row, "at");
	keep(s, &place, row);
}

/* Takes candidates of a stream into a batch; returns how many. */
static size_t
take(struct searchstream *stream, size_t max, size_t n, struct buf *places)
{
	size_t chunk = (size_t)CHUNK_MIN << (stream->taken < 6 ? stream->taken : 6), taken = 0;
	uint64_t seq;

	for (stream->taken++; taken < chunk && taken < max && searchlist_next(stream, &seq);
	     taken++)
		buf_printf(places, "%s[%zu,%" PRIu64 ",%" PRIu64 "]", places->n == 0 ? "[" : ",", n,
		    stream->room, seq);
	return taken;
}

/* A stream that reaches over the time that is gone on from begins behind that. */
static enum err
seek(struct finder *s, struct searchstream *stream)
{
	int64_t until = s->f->after.at;
	json_t *row;

	if (stream->newest <= until || stream->taken > 0)
		return OK;
	TRY(sql_search_seek(
	    s->r, stream->room, stream->first, searchlist_last(stream), until, &row));
	searchlist_trim(stream, row_id(row, "last"));
	return OK;
}

/* The lowest time that a result must have, to be wanted. */
static int64_t
wanted(const struct finder *s)
{
	return s->n > s->f->limit ? s->found[s->f->limit].place.at : s->f->since;
}

/* How new what is in the segments that are not loaded can be. */
static int64_t
unread(const struct finder *s)
{
	const json_t *next = json_array_get(s->segments, s->loaded);
	int64_t newest = (int64_t)row_id(next, "newest");

	if (next == NULL)
		return INT64_MIN;
	return newest < s->f->after.at ? newest : s->f->after.at;
}

/* Puts streams back, each with what is known of it now. */
static void
put_back(struct finder *s, struct share *shares, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct searchstream *stream = &shares[i].stream;
		int64_t bound = shares[i].at + stream->slack;

		if (shares[i].lowest != 0 && bound < stream->bound)
			stream->bound = bound;
		if (stream->n > 0)
			searchlist_push(&s->list, stream);
	}
}

/* Looks at the candidates that can be newest. */
static enum err
look(struct finder *s)
{
	struct share *shares = arena_alloc(&s->r->mem, BATCH * sizeof(*shares));
	struct buf *places = req_buf(s->r, (size_t)BATCH * 64);
	size_t n = 0, taken = 0, i;
	json_t *rows, *row;

	while (taken < BATCH && n < BATCH && searchlist_bound(&s->list) >= wanted(s) &&
	       searchlist_bound(&s->list) > unread(s)) {
		shares[n] = (struct share){.stream = searchlist_pop(&s->list)};
		TRY(seek(s, &shares[n].stream));
		taken += take(&shares[n].stream, BATCH - taken, n, places);
		n++;
	}
	s->work += taken + n / 4;
	if (taken > 0) {
		buf_addch(places, ']');
		TRY(sql_search_messages(
		    s->r, s->r->user, places->p, s->f->sender, s->f->after.at, &rows));
		json_array_foreach (rows, i, row) {
			judge(s, &shares[row_id(row, "n")], row);
		}
	}
	put_back(s, shares, n);
	return OK;
}

/* Reads the next segments: each time more, as what was not found in the first is rare. */
static enum err
load(struct finder *s)
{
	struct buf *ids = req_buf(s->r, 4096);
	size_t end = s->loaded + s->step;

	for (; s->loaded < end && s->loaded < json_array_size(s->segments); s->loaded++)
		buf_printf(ids, "%s%" PRIu64, ids->n == 0 ? "[" : ",",
		    row_id(json_array_get(s->segments, s->loaded), "segment"));
	buf_addch(ids, ']');
	s->work += SEGMENT_WORK * s->step;
	s->step = s->step * 2 > SEGMENTS_MAX ? SEGMENTS_MAX : s->step * 2;
	return searchlist_load(&s->list, s->r, s->f, ids->p);
}

/* Goes on until nothing that is left can be wanted, or for long enough. */
static enum err
search(struct finder *s, int64_t *bound)
{
	for (;;) {
		int64_t top = searchlist_bound(&s->list), below = unread(s);

		*bound = top > below ? top : below;
		if (*bound == INT64_MIN || *bound < wanted(s))
			return OK;
		if (s->work > WORK_MAX && *bound < s->f->after.at) {
			s->f->partial = true;
			return OK;
		}
		TRY(below >= top ? load(s) : look(s));
	}
}

/* What is found: of a part of the work, what nothing that is left can come before. */
static void
finish(struct finder *s, int64_t bound)
{
	struct searchfind *f = s->f;
	size_t i;

	f->rows = req_own(s->r, json_array());
	for (i = 0; i < s->n && i < f->limit; i++) {
		if (f->partial && s->found[i].place.at <= bound)
			break;
		(void)json_object_set_new(s->found[i].row, "n", json_integer((json_int_t)i));
		(void)json_array_append(f->rows, s->found[i].row);
		f->next = s->found[i].place;
	}
	f->more = f->partial || s->n > f->limit;
	if (f->partial)
		f->next = (struct searchplace){bound, SEARCHPLACE_FIRST, SEARCHPLACE_FIRST};
}

enum err
searchfind_run(struct req *r, struct searchfind *f)
{
	struct finder s = {.r = r, .f = f, .step = 1};
	int64_t bound = 0;
	enum err e;

	s.found = arena_alloc(&r->mem, (f->limit + 2) * sizeof(*s.found));
	arena_init(&s.scratch);
	searchlist_init(&s.list, &r->mem, f);
	e = sql_search_shares(r, r->user, f->room, f->after.at, f->since, &s.segments);
	if (e == OK)
		e = search(&s, &bound);
	arena_finish(&s.scratch);
	searchlist_finish(&s.list);
	TRY(e);
	finish(&s, bound);
	return OK;
}
