/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/export: what was said in a room, as a file: text, CSV, JSON or HTML, in the time
 * zone and the language of whoever asks.
 *
 * It is written while it is read, some hundred rows at a time, so that a million messages take no
 * more memory than a page of them. It ends where the room's log ended when it began; messages that
 * are changed or deleted meanwhile appear as they then are.
 */
#include "export.h"

#include "audit.h"
#include "db.h"
#include "flow.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "shared/clock.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "turns.h"
#include "zone.h"

#include <inttypes.h>

#define PAGE    200          /* messages, and as many events */
#define STRETCH 10000        /* seqs, of which few may be shown */
#define AN_HOUR 10           /* exports per person */
#define FOREVER 253402300800 /* the year 10000 */
#define WORDS   "txt|csv|json|html"

static const struct export_format *const formats[] = {
    &export_txt, &export_csv, &export_json, &export_html};

void
export_add_time(struct buf *out, const struct tm *local)
{
	char text[40];

	/* "+0900" becomes "+09:00". */
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", local);
	buf_add(out, text, 22);
	buf_addch(out, ':');
	buf_addstr(out, text + 22);
}

/* ---- what is asked for ---- */

static const struct export_format *
format_of(const char *word)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i]->word, word) == 0)
			return formats[i];
	}
	return formats[0];
}

/* The beginning of a day of the asker's, "2026-11-29", or of the one some days later. */
static enum err
read_day(struct req *r, const char *name, int later, int64_t fallback, int64_t *out)
{
	const char *text = query_value(&r->mem, str_of(r->query), name), *end;
	struct tm tm = {0}, same;

	*out = fallback;
	if (text == NULL)
		return OK;
	end = strptime(text, "%Y-%m-%d", &tm);
	same = tm;
	(void)timegm(&same);
	if (end == NULL || *end != '\0' || strlen(text) != 10 || tm.tm_mday != same.tm_mday)
		return req_invalid(r, name, "must be a day, such as 2026-11-29");
	tm.tm_mday += later;
	*out = zone_wall(&tm, 0) / 1000;
	if (*out > FOREVER)
		*out = FOREVER;
	return OK;
}

static enum err
read_query(struct req *r, struct export *x)
{
	const char *word = query_value(&r->mem, str_of(r->query), "format");

	TRY(req_query_word(r, "format", word, WORDS));
	x->format = format_of(word == NULL ? "txt" : word);
	TRY(read_day(r, "from", 0, 0, &x->since));
	return read_day(r, "to", 1, FOREVER, &x->before);
}

static enum err
read_settings(struct req *r, struct export *x)
{
	json_t *row;

	TRY(sql_settings_get(r, r->user, &row));
	x->zone = row_text(row, "time_zone");
	x->lang = phrase_lang(row_text(row, "locale"));
	return OK;
}

/* What may be seen of the room, by a member. */
static enum err
look_at_room(struct req *r, struct export *x)
{
	struct stream_pos head;
	json_t *row;

	TRY(stream_head(r, WIRE_ROOM, x->room, &head));
	TRY(rooms_require(r, x->room, &row));
	x->title = row_text(row, "title");
	x->after = x->seen_after = row_id(row, "seen_after");
	x->until = head.seq;
	return OK;
}

/* ---- writing ---- */

static bool
is_day(const struct tm *a, const struct tm *b)
{
	return a->tm_mday == b->tm_mday && a->tm_mon == b->tm_mon && a->tm_year == b->tm_year;
}

static const char *
phrase_of(struct req *r, const struct export *x, enum phrase p, const char *a, const char *b)
{
	struct buf *out = req_buf(r, WIRE_MAX);

	phrase_add(out, x->lang, p, a, b);
	return arena_strndup(&r->mem, out->p, out->n);
}

/* Who erased their account has no name any more. */
static const char *
name_of(struct req *r, const struct export *x, const char *nickname)
{
	return *nickname != '\0' ? nickname : phrase_of(r, x, PHRASE_UNKNOWN, NULL, NULL);
}

/* What was written, and a line for each file. */
static const char *
with_files(struct req *r, const struct export *x, const json_t *row)
{
	const json_t *files = json_object_get(json_object_get(row, "content"), "attachments");
	const char *text = row_text(row, "body");
	const json_t *file;

	for (size_t i = 0; (file = json_array_get(files, i)) != NULL; i++) {
		const char *kind = row_text(file, "kind");
		const enum phrase p = strcmp(kind, "image") == 0   ? PHRASE_PHOTO
				      : strcmp(kind, "video") == 0 ? PHRASE_VIDEO
								   : PHRASE_FILE;

		text = arena_printf(&r->mem, "%s%s%s", text, *text == '\0' ? "" : "\n",
		    phrase_of(r, x, p, row_text(file, "name"), NULL));
	}
	return text;
}

/* What was said, in words. */
static const char *
words_of(struct req *r, const struct export *x, const json_t *row, const char *type)
{
	if (strcmp(type, "sticker") == 0)
		return phrase_of(r, x, PHRASE_STICKER, NULL, NULL);
	if (strcmp(type, "poll") == 0)
		return phrase_of(r, x, PHRASE_POLL, row_text(row, "body"), NULL);
	return with_files(r, x, row);
}

/* The same with the first line of what it answers in front. */
static const char *
text_of(struct req *r, const struct export *x, const struct export_item *i)
{
	const char *quoted = row_text(i->row, "quoted"), *name;

	if (json_object_get(i->row, "deleted_at") != NULL)
		return phrase_of(r, x, PHRASE_DELETED, NULL, NULL);
	if (*quoted == '\0')
		return words_of(r, x, i->row, i->type);
	name = name_of(r, x, row_text(i->row, "quoted_name"));
	quoted = arena_strndup(&r->mem, quoted, strcspn(quoted, "\r\n"));
	return arena_printf(&r->mem, "%s\n%s", phrase_of(r, x, PHRASE_REPLY, name, quoted),
	    words_of(r, x, i->row, i->type));
}

/* What happened, as a sentence. */
static const char *
sentence_of(struct req *r, const struct export *x, const struct export_item *i)
{
	if (strcmp(i->type, "member.joined") == 0)
		return phrase_of(r, x, PHRASE_JOINED, i->name, NULL);
	if (strcmp(i->type, "member.left") == 0)
		return phrase_of(r, x, PHRASE_LEFT, i->name, NULL);
	return phrase_of(r, x, PHRASE_REMOVED, i->name, NULL);
}

/* Who did or said it, and what, as the database has it; of what was imported, as the file had it.
 */
static struct export_item
read_item(const json_t *row, bool event)
{
	const json_t *who = event ? json_object_get(row, "data") : row;
	const json_t *imported = json_object_get(json_object_get(row, "content"), "imported");
	const char *type = row_text(imported == NULL ? row : imported, "type");

	return (struct export_item){.event = event,
	    .type = *type == '\0' ? "text" : type,
	    .seq = row_id(row, "seq"),
	    .sender = row_id(who, event ? "id" : "sender"),
	    .time = row_text(row, "created_at"),
	    .name = imported == NULL ? row_text(who, "nickname") : row_text(imported, "name"),
	    .row = row};
}

static void
add_item(struct req *r, struct export *x, const json_t *row, bool event, struct buf *out)
{
	struct export_item i = read_item(row, event);
	int64_t wall = 0;

	(void)clock_read(i.time, &wall);
	zone_local(wall, &i.local);
	i.new_day = x->day.tm_mday == 0 || !is_day(&x->day, &i.local);
	i.name = name_of(r, x, i.name);
	i.text = event ? sentence_of(r, x, &i) : text_of(r, x, &i);
	x->format->add(x, &i, out);
	x->day = i.local;
	x->items++;
}

/* The last seq of a page of rows that may go on, or the end of the stretch. */
static uint64_t
last_of(const json_t *rows, uint64_t end)
{
	size_t n = json_array_size(rows);

	return n < PAGE ? end : row_id(json_array_get(rows, n - 1), "seq");
}

/* Both kinds of rows in the order of seq, up to a seq. */
static void
add_rows(struct req *r, struct export *x, json_t *said, json_t *done, uint64_t end, struct buf *out)
{
	size_t m = 0, e = 0;

	for (;;) {
		const json_t *message = json_array_get(said, m), *event = json_array_get(done, e);
		bool first = event != NULL &&
			     (message == NULL || row_id(event, "seq") < row_id(message, "seq"));
		const json_t *row = first ? event : message;

		if (row == NULL || row_id(row, "seq") > end)
			return;
		add_item(r, x, row, first, out);
		if (first)
			e++;
		else
			m++;
	}
}

/* The next rows. */
static enum err
add_page(struct req *r, struct export *x, struct buf *out)
{
	uint64_t end = x->until - x->after > STRETCH ? x->after + STRETCH : x->until;
	json_t *said, *done;

	TRY(sql_export_messages(
	    r, x->room, x->user, x->seen_after, x->after, end, x->since, x->before, PAGE, &said));
	end = last_of(said, end);
	TRY(sql_export_events(r, x->room, x->after, end, x->since, x->before, PAGE, &done));
	end = last_of(done, end);
	add_rows(r, x, said, done, end, out);
	x->after = end;
	return OK;
}

/* The head alone comes first and at once, then page after page. */
static enum err
next(struct req *r, void *state, struct buf *out, bool *more)
{
	struct export *x = state;

	if (!x->began)
		x->format->begin(x, out);
	else if (x->after < x->until)
		TRY(add_page(r, x, out));
	x->began = true;
	*more = x->after < x->until;
	if (!*more && x->format->end != NULL)
		x->format->end(x, out);
	return OK;
}

/* ---- the answer ---- */

/* Notes that it happened. Whoever takes a copy of what others said shall be seen to do so. */
static enum err
note(struct req *r, const struct export *x)
{
	TRY(throttle_take(r, arena_printf(&r->mem, "export-of:%" PRIu64, r->user), AN_HOUR, 3600));
	return audit_note(r, "room.exported", x->room, 0,
	    json_pack("{s:s, s:I}", "format", x->format->word, "until", (json_int_t)x->until));
}

/* A name that every system takes, and the right one besides (RFC 6266, appendix D). */
static void
name_file(struct req *r, const struct export *x)
{
	struct buf *name = req_buf(r, 2000);

	query_encode(name, str_of(x->title));
	req_header(r,
	    "Content-Disposition: attachment; filename=\"room-%" PRIu64
	    ".%s\"; filename*=UTF-8''%s.%s",
	    x->room, x->format->word, name->n == 0 ? "room" : name->p, x->format->word);
}

/* Its members may; as of now, and as far as they see it. */
enum err
export_get(struct req *r)
{
	struct export *x = arena_alloc(&r->mem, sizeof(*x));
	struct flow f = {.next = next, .state = x};
	int64_t now = clock_wall();
	char saved[CLOCK_TEXT_SIZE];

	x->room = req_id(r, "room");
	x->user = r->user;
	TRY(read_settings(r, x));
	zone_use(x->zone);
	TRY(read_query(r, x));
	TRY(look_at_room(r, x));
	TRY(turns_take(r));
	TRY(note(r, x));
	clock_text(now, saved);
	x->saved = arena_strdup(&r->mem, saved);
	zone_local(now, &x->saved_local);
	f.type = x->format->type;
	name_file(r, x);
	return flow_reply(r, &f);
}
