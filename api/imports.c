/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/imports: history from a file, our own JSON or a chat that KakaoTalk saved as
 * text, into a room where nobody has said anything yet.
 *
 * Nobody can put words into the mouths of others: each message is one of whoever imports it, and
 * `content.imported` says who is named in the file. Its time is that of the file.
 *
 * The file is read piece by piece, and stored some hundred messages at a time, each time with how
 * far that is, in one transaction. So the same file again, after whatever has happened, goes on
 * where it was, and so does one that has become longer; a hash of all messages so far tells it from
 * another one. Live subscribers hear of the messages from the feeder.
 */
#include "audit.h"
#include "db.h"
#include "fcgi.h"
#include "flow.h"
#include "importfile.h"
#include "query.h"
#include "rooms.h"
#include "route.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "sql.h"
#include "stream.h"
#include "throttle.h"
#include "turns.h"
#include "words.h"
#include "zone.h"

#include <inttypes.h>

#define BATCH        300
#define BATCH_BYTES  ((size_t)256 << 10)
#define BATCH_MAX    ((size_t)2 << 20)
#define TRIES        5
#define AN_HOUR      20 /* imports per person */
#define MESSAGES_MAX 5000000

struct import {
	struct req *r;
	const char *format;
	uint64_t room;
	struct import_file file;

	uint64_t done;                  /* messages that are stored already */
	uint64_t last;                  /* the seq of the last one */
	char known[CRYPT_HEX_SIZE];     /* the hash of all of them */
	unsigned char hash[CRYPT_HASH]; /* of all messages up to here */

	struct buf list; /* of messages that wait, see imports.sql */
	unsigned count;
	uint64_t numbers[BATCH];
	uint64_t mid; /* of the last of them */
	uint64_t imported;
};

/* ---- storing ---- */

/* As the room is under its lock: still the asker's, and without a word of somebody else. */
static enum err
check_room(struct import *m)
{
	struct req *r = m->r;
	json_t *row;

	TRY(rooms_require(r, m->room, &row));
	TRY(rooms_require_rank(r, row, RANK_HOST));
	TRY(sql_import_last(r, m->room, &row));
	if (row_id(row, "seq") > m->last)
		return req_fail(r, ERR_CONFLICT, "only into a room where nobody has said anything");
	return OK;
}

static enum err
store_batch(struct import *m, uint64_t messages)
{
	struct req *r = m->r;
	char hash[CRYPT_HEX_SIZE];
	uint64_t head;

	crypt_hex(m->hash, sizeof(m->hash), hash);
	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, m->room));
	TRY(check_room(m));
	TRY(sql_import_advance(r, m->room, m->count, m->mid, NULL));
	head = db_insert_id(r->db);
	TRY(sql_import_messages(r, m->room, r->user, head - m->count, m->list.p, NULL));
	TRY(sql_import_store(r, m->room, r->user, (int64_t)messages, head, hash, NULL));
	if (m->done == 0)
		TRY(audit_note(
		    r, "room.imported", m->room, 0, json_pack("{s:s}", "format", m->format)));
	TRY(db_commit(r->db));
	m->last = head;
	return OK;
}

/* Stores what waits. */
static enum err
flush(struct import *m)
{
	uint64_t messages = m->done + m->count;
	enum err e = ERR_RETRY;

	if (m->count == 0)
		return OK;
	buf_addch(&m->list, ']');
	if (m->list.full)
		return req_fail(m->r, ERR_INTERNAL, "a batch is too long");
	for (unsigned i = 0; i < TRIES && e == ERR_RETRY; i++) {
		e = store_batch(m, messages);
		db_rollback(m->r->db);
	}
	TRY(e);
	m->done = messages;
	m->imported += m->count;
	m->count = 0;
	buf_clear(&m->list);
	flow_alive(m->r);
	return OK;
}

/* ---- messages ---- */

static void
add_string(struct buf *out, const char *text)
{
	buf_addstr(out, ",\"");
	buf_addjson(out, text, strlen(text));
	buf_addch(out, '"');
}

static void
add_time(struct buf *out, int64_t wall)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(wall, text);
	text[10] = ' '; /* DATETIME */
	text[23] = '\0';
	add_string(out, text);
}

/* {"imported":{"name":...}} as a string of the list. */
static void
add_content(struct import *m, const struct import_message *in)
{
	struct buf *text = req_buf(m->r, WIRE_MAX);

	buf_addstr(text, "{\"imported\":{\"name\":\"");
	buf_addjson(text, in->name, strlen(in->name));
	buf_addch(text, '"');
	if (in->type[0] != '\0')
		buf_printf(text, ",\"type\":\"%s\"", in->type);
	buf_addstr(text, "}}");
	add_string(&m->list, text->p);
}

/* What it answers: a place in the list, or a client_id. */
static void
add_reply(struct import *m, uint64_t number)
{
	unsigned at = 0;

	for (unsigned i = 0; i < m->count && at == 0; i++)
		at = m->numbers[i] == number ? i + 1 : 0;
	buf_printf(&m->list, ",%u", at);
	if (number != 0)
		buf_printf(&m->list, ",\"import-%" PRIu64 "\"", number);
	buf_addch(&m->list, ']');
}

static void
add_to_list(struct import *m, const struct import_message *in, const char *body)
{
	int64_t deleted;

	m->mid = crypt_random64();
	buf_printf(&m->list, "%c[\"%" PRIu64 "\",\"import-%" PRIu64 "\"", m->count == 0 ? '[' : ',',
	    m->mid, in->number);
	add_string(&m->list, in->deleted != NULL ? "" : body);
	add_time(&m->list, in->wall);
	add_content(m, in);
	if (in->deleted != NULL && clock_read(in->deleted, &deleted))
		add_time(&m->list, deleted);
	else
		buf_addstr(&m->list, ",null");
	add_reply(m, in->reply_to);
	m->numbers[m->count++] = in->number;
}

/* The hash of everything up to and with this message. */
static void
add_to_hash(struct import *m, const struct import_message *in)
{
	struct buf *text = req_buf(m->r, BATCH_BYTES);

	buf_add(text, (const char *)m->hash, sizeof(m->hash));
	buf_printf(text, "%" PRId64 " %" PRIu64 " %s%c%s%c%s", in->wall, in->number, in->type, '\0',
	    in->name, '\0', in->body);
	crypt_sha256((struct str){text->p, text->n}, m->hash);
}

static bool
is_known(const struct import *m)
{
	char hash[CRYPT_HEX_SIZE];

	crypt_hex(m->hash, sizeof(m->hash), hash);
	return strcmp(hash, m->known) == 0;
}

static enum err
other_file(struct req *r)
{
	return req_fail(r, ERR_CONFLICT, "another file was imported here");
}

static enum err
take(void *owner, const struct import_message *in)
{
	struct import *m = owner;
	const char *body = in->body;

	add_to_hash(m, in);
	if (m->file.messages <= m->done)
		return m->file.messages < m->done || is_known(m) ? OK : other_file(m->r);
	if (m->file.messages > MESSAGES_MAX)
		return req_fail(m->r, ERR_LIMIT, "at most %d messages", MESSAGES_MAX);
	if (*body != '\0')
		TRY(words_filter(m->r, m->room, &body));
	add_to_list(m, in, body);
	return m->count == BATCH || m->list.n > BATCH_BYTES ? flush(m) : OK;
}

/* ---- the file ---- */

static enum err
read_line(struct import *m, struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return strcmp(m->format, "json") == 0 ? import_json_line(&m->file, line)
					      : import_text_line(&m->file, line);
}

/* Reads the whole lines of what is there; the rest of it is moved to the front. */
static enum err
read_lines(struct import *m, char *p, size_t *n)
{
	size_t at = 0;
	char *end;

	while ((end = memchr(p + at, '\n', *n - at)) != NULL) {
		TRY(read_line(m, (struct str){p + at, (size_t)(end - p) - at}));
		at = (size_t)(end - p) + 1;
		arena_reset(&m->r->mem);
	}
	*n -= at;
	memmove(p, p + at, *n);
	return *n < IMPORT_LINE_MAX ? OK
				    : import_fail(&m->file, "comes before one that is too long");
}

static enum err
read_file(struct import *m, char *p)
{
	size_t n = 0, got, all = 0;

	while ((got = fcgi_read(m->r, p + n, IMPORT_LINE_MAX - n)) > 0) {
		n += got;
		all += got;
		TRY(read_lines(m, p, &n));
		flow_alive(m->r);
	}
	if (all != m->r->announced)
		return req_fail(m->r, ERR_BAD_REQUEST, "the file is not whole");
	if (n > 0)
		TRY(read_line(m, (struct str){p, n}));
	TRY(strcmp(m->format, "json") == 0 ? import_json_end(&m->file) : import_text_end(&m->file));
	if (m->file.messages < m->done)
		return other_file(m->r);
	return flush(m);
}

/* Words an error, whose details lie in memory that is about to go. */
static enum err
word(struct import *m, struct arena *kept, enum err e)
{
	struct req *r = m->r;
	const char *detail = r->detail == NULL ? NULL : arena_strdup(kept, r->detail);
	const char *why = m->file.why;

	arena_finish(&r->mem);
	r->mem = *kept;
	r->detail = detail;
	r->problems = NULL;
	if (e == ERR_INVALID && why != NULL)
		return req_invalid(
		    r, "file", arena_printf(&r->mem, "line %" PRIu64 " %s", m->file.line, why));
	if (e == ERR_RETRY || e == ERR_UNAVAILABLE)
		return ERR_IN_DOUBT; /* what was read is gone: the handler can't run again */
	if (e == ERR_REFUSED_WORD)
		return req_fail(r, e, "line %" PRIu64, m->file.line);
	return e;
}

/* Reads and stores with memory of its own, which is emptied again and again. */
static enum err
work(struct import *m)
{
	struct req *r = m->r;
	struct arena kept = r->mem;
	char *p = arena_alloc(&kept, IMPORT_LINE_MAX);
	enum err e;

	arena_init(&r->mem);
	buf_init(&m->list, BATCH_MAX);
	import_open(&m->file, &r->mem);
	m->file.take = take;
	m->file.owner = m;
	e = read_file(m, p);
	e = word(m, &kept, e);
	buf_finish(&m->list);
	import_close(&m->file);
	return e;
}

/* ---- the request ---- */

/* What an earlier call has stored; it was the same person. */
static enum err
read_state(struct import *m)
{
	struct req *r = m->r;
	json_t *row;
	enum err e = sql_import_get(r, m->room, &row);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (row_id(row, "user") != r->user)
		return req_fail(r, ERR_CONFLICT, "somebody else has imported a file here");
	m->done = row_id(row, "messages");
	m->last = row_id(row, "last");
	(void)snprintf(m->known, sizeof(m->known), "%s", row_text(row, "hash"));
	return OK;
}

/* Before the file is read; each batch checks the room again. */
static enum err
prepare(struct import *m)
{
	struct req *r = m->r;
	json_t *row;

	m->format = query_value(&r->mem, str_of(r->query), "format");
	TRY(req_query_word(r, "format", m->format, "json|txt"));
	m->format = m->format == NULL ? "json" : m->format;
	TRY(rooms_require(r, m->room, &row));
	TRY(rooms_require_rank(r, row, RANK_HOST));
	TRY(read_state(m));
	TRY(check_room(m));
	TRY(turns_take(r));
	TRY(throttle_take(r, arena_printf(&r->mem, "import-of:%" PRIu64, r->user), AN_HOUR, 3600));
	TRY(sql_settings_get(r, r->user, &row));
	zone_use(row_text(row, "time_zone"));
	return OK;
}

/* Imports; the room's host: 200 with what was done. */
enum err
imports_create(struct req *r)
{
	struct import *m = arena_alloc(&r->mem, sizeof(*m));

	if (!req_is_type(r, "application/octet-stream"))
		return req_fail(r, ERR_MEDIA_TYPE, "application/octet-stream is wanted here");
	m->r = r;
	m->room = req_id(r, "room");
	TRY(prepare(m));
	TRY(work(m));
	return req_reply(r, 200,
	    json_pack("{s:I, s:I, s:I, s:I}", "room", (json_int_t)m->room, "messages",
		(json_int_t)m->file.messages, "imported", (json_int_t)m->imported, "skipped",
		(json_int_t)m->file.skipped));
}
