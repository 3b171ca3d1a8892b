/* SPDX-License-Identifier: MIT */
/* See erasure.h. The row in erase_job is written with the first transaction, and goes when nothing
 * is found to be done any more: a crash between two steps leaves both the work and the knowledge of
 * it. Each step is a transaction that holds the streams of one room or one other person. The feeder
 * need not tell maru-push, which compares heads every second.
 */
#include "erasure.h"

#include "bots.h"
#include "db.h"
#include "gram.h"
#include "members.h"
#include "musiclist.h"
#include "purges.h"
#include "sessions.h"
#include "shared/log.h"
#include "sql.h"
#include "stream.h"
#include "strokes.h"
#include "throttle.h"
#include "todos.h"
#include "userlists.h"

#include <inttypes.h>

#define ROOMS_AT_ONCE 100 /* that a request leaves by itself */
#define STEP          500 /* rows: about 10 ms */

/* ---- at once ---- */

/* What nobody else has to hear of. */
static enum err
drop_own(struct req *r, uint64_t user, const char *name)
{
	TRY(throttle_clear(r, arena_printf(&r->mem, "login:%s", name)));
	TRY(sql_erasure_blocks(r, user, NULL));
	TRY(sql_erasure_identities(r, user, NULL));
	TRY(sql_erasure_scheduled(r, user, NULL));
	TRY(sql_erasure_drafts(r, user, NULL));
	TRY(sql_erasure_reminders(r, user, NULL));
	TRY(sql_erasure_todos(r, user, NULL));
	TRY(sql_erasure_desk(r, user, NULL));
	TRY(sql_erasure_study(r, user, NULL));
	TRY(sql_erasure_unassign(r, user, NULL));
	TRY(sql_erasure_commands(r, user, NULL));
	return sql_erasure_codes(r, user, NULL);
}

/* Makes the account a husk; its stream and its row are held. */
static enum err
hollow(struct req *r, const struct stream_pos *at, const char *name, bool messages)
{
	json_t *user;

	TRY(sql_erasure_insert(r, at->id, NULL));
	TRY(sql_erasure_streams(r, at->id, NULL));
	if (messages)
		TRY(sql_erasure_rooms(r, at->id, NULL));
	TRY(drop_own(r, at->id, name));
	TRY(sql_erasure_user(r, at->id, NULL));
	TRY(gram_store(r, GRAM_USER, at->id, ""));
	TRY(sql_user_get(r, at->id, &user));
	TRY(stream_store(r, at, EV_USER_UPDATED, req_own(r, json_copy(user))));
	return sessions_end_of(r, at->id);
}

enum err
erasure_begin(struct req *r, const char *stored, bool messages)
{
	json_t *user, *account;
	struct stream_pos at;

	TRY(sql_user_get(r, r->user, &user));
	/* Whoever becomes a friend or a partner holds this stream: they were seen, or see us gone.
	 */
	TRY(stream_next(r, WIRE_USER, r->user, &at));
	TRY(sql_session_hold_user(r, r->user, &account));
	TRY(sessions_require(r)); /* again: it may have ended meanwhile */
	TRY(sql_user_password(r, row_text(user, "name"), &account));
	if (strcmp(row_text(account, "password"), stored) != 0)
		return ERR_RETRY;      /* it was changed meanwhile: check again */
	TRY(bots_silence(r, r->user)); /* the rest of them goes bit by bit */
	return hollow(r, &at, row_text(user, "name"), messages);
}

enum err
erasure_account(struct req *r, uint64_t id)
{
	struct stream_pos at;
	json_t *user;

	TRY(sql_user_get(r, id, &user));
	TRY(stream_next(r, WIRE_USER, id, &at));
	return hollow(r, &at, row_text(user, "name"), false);
}

enum err
erasure_remember(struct req *r, uint64_t other)
{
	return sql_erasure_remember(r, other, r->user, NULL);
}

/* ---- step by step: each tells whether it found something to do ---- */

/* Leaves one room: its other members see somebody without a name leave. */
static enum err
leave_room(struct req *r, uint64_t user, bool *found)
{
	struct stream_pos at;
	json_t *row;
	enum err e = sql_erasure_room(r, user, &row);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(db_begin(r->db));
	TRY(stream_next(r, WIRE_ROOM, row_id(row, "room"), &at));
	TRY(sql_room_get(r, user, at.id, &row));
	e = members_remove(r, &at, row, user, EV_MEMBER_LEFT, NULL);
	if (e == ERR_NOT_FOUND) {
		db_rollback(r->db); /* the request or the feeder was faster, or a host */
		return OK;
	}
	TRY(e);
	return db_commit(r->db);
}

void
erasure_leave(struct req *r, uint64_t user)
{
	bool found = true;
	enum err e = OK;

	for (int i = 0; i < ROOMS_AT_ONCE && found && e == OK; i++) {
		if ((e = leave_room(r, user, &found)) == OK)
			notify_flush(r);
	}
	if (e == OK)
		return;
	db_rollback(r->db);
	r->notices = NULL; /* of what did not happen */
	log_info("user %" PRIu64 " leaves the other rooms later: %s", user, err_info(e)->slug);
}

static enum err
tell_gone(struct req *r, uint64_t user, uint64_t other, enum event ev)
{
	json_t *data = json_pack("{s:I}", "id", (json_int_t)user);

	return stream_append(r, WIRE_USER, other, ev, req_own(r, data));
}

/* Ends what there is between the account and one other. */
static enum err
end_tie(struct req *r, uint64_t user, bool *found)
{
	uint64_t other, friends = 0, blocks = 0;
	json_t *row, *held;
	enum err e = sql_erasure_tie(r, user, &row);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	other = row_id(row, "other");
	TRY(db_begin(r->db));
	/* Nobody is told more than has happened, so the seqs are taken after the rows; the stream's
	 * own row comes first all the same. */
	TRY(sql_erasure_hold(r, WIRE_USER, other, &held));
	TRY(sql_erasure_friend(r, user, other, NULL));
	TRY(sql_erasure_friend(r, other, user, &friends));
	TRY(sql_erasure_block(r, other, user, &blocks));
	if (friends > 0)
		TRY(tell_gone(r, user, other, EV_FRIEND_REMOVED));
	if (blocks > 0)
		TRY(tell_gone(r, user, other, EV_BLOCK_REMOVED));
	return db_commit(r->db);
}

/* Begins to erase one bot of the account. */
static enum err
drop_bot(struct req *r, uint64_t user, bool *found)
{
	json_t *bot, *held;
	enum err e = sql_erasure_next_bot(r, user, &bot);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(db_begin(r->db));
	TRY(sql_session_hold_user(r, row_id(bot, "id"), &held));
	if ((e = sql_bot_get(r, row_id(bot, "id"), &held)) != OK)
		return e == ERR_NOT_FOUND ? OK : e; /* an admin was faster */
	TRY(erasure_account(r, row_id(bot, "id")));
	return db_commit(r->db);
}

static enum err
drop_like(struct req *r, uint64_t user, bool *found)
{
	uint64_t dropped;
	json_t *row;
	enum err e = sql_erasure_like(r, user, &row);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(db_begin(r->db));
	TRY(sql_erasure_unlike(r, user, row_id(row, "room"), &dropped));
	if (dropped > 0)
		TRY(sql_erasure_uncount(r, row_id(row, "room"), NULL));
	return db_commit(r->db);
}

static enum err
drop_hidden(struct req *r, uint64_t user, bool *found)
{
	uint64_t dropped;

	TRY(sql_erasure_hidden(r, user, STEP, &dropped));
	*found = dropped > 0;
	return OK;
}

static enum err
drop_mentions(struct req *r, uint64_t user, bool *found)
{
	uint64_t dropped;

	TRY(sql_erasure_mentions(r, user, STEP, &dropped));
	*found = dropped > 0;
	return OK;
}

/* Takes the votes in one poll back; a poll that is closed keeps its result. */
static enum err
drop_vote(struct req *r, uint64_t user, bool *found)
{
	uint64_t room, message;
	json_t *row;
	enum err e = sql_erasure_vote(r, user, &row);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	room = row_id(row, "room");
	message = row_id(row, "message");
	TRY(db_begin(r->db));
	TRY(sql_erasure_hold(r, WIRE_ROOM, room, &row));
	TRY(sql_vote_clear(r, room, message, user, NULL));
	TRY(sql_poll_mark(r, room, message, NULL)); /* the feeder tells the room */
	return db_commit(r->db);
}

static enum err
drop_notifications(struct req *r, uint64_t user, bool *found)
{
	uint64_t dropped;

	TRY(sql_erasure_notifications(r, user, STEP, &dropped));
	*found = dropped > 0;
	return OK;
}

/* Erases a range of messages, and tells the room. */
static enum err
purge_range(struct req *r, uint64_t room, uint64_t user, const json_t *range)
{
	uint64_t last = row_id(range, "last");
	struct stream_pos at;
	struct musiclist music;
	json_t *data;

	TRY(stream_next(r, WIRE_ROOM, room, &at));
	TRY(musiclist_watch(r, room, &music));
	TRY(purges_erase(r, &at, user, row_id(range, "first"), last, &data));
	TRY(stream_store(r, &at, EV_MESSAGES_PURGED, data));
	TRY(musiclist_settle(r, &music));
	return sql_erasure_advance(r, user, "messages", WIRE_ROOM, room, last, NULL);
}

/* Some of what was said in a room; at last the to-dos. */
static enum err
purge_words(struct req *r, uint64_t user, uint64_t room, const json_t *work, bool *more)
{
	uint64_t todos;
	json_t *range;

	TRY(sql_erasure_range(r, room, user, row_id(work, "after"), STEP, &range));
	*more = row_id(range, "last") != 0;
	return *more ? purge_range(r, room, user, range) : todos_purge(r, room, user, 0, &todos);
}

static enum err
purge_strokes(struct req *r, uint64_t user, uint64_t room, bool *more)
{
	uint64_t strokes;

	TRY(strokes_purge(r, room, user, 0, STEP, &strokes));
	*more = strokes > 0;
	return OK;
}

/* Erases some of what was said or drawn in a room. One that is deleted is erased as a whole
 * (purge.c). */
static enum err
purge_room(struct req *r, uint64_t user, const json_t *work)
{
	const char *what = row_text(work, "work");
	uint64_t room = row_id(work, "id");
	bool more = false;
	json_t *row;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, room));
	e = sql_room_get(r, user, room, &row);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK)
		TRY(strcmp(what, "names") == 0 ? purge_strokes(r, user, room, &more)
					       : purge_words(r, user, room, work, &more));
	if (!more)
		TRY(sql_erasure_forget(r, user, what, WIRE_ROOM, room, NULL));
	return db_commit(r->db);
}

/* Takes the name out of some events of a stream; in a room, what was drawn goes at last: a hand is
 * a kind of name. */
static enum err
clean_names(struct req *r, uint64_t user, const json_t *work)
{
	uint64_t kind = row_id(work, "kind"), id = row_id(work, "id"),
		 after = row_id(work, "after");
	uint64_t last;
	json_t *row;

	TRY(sql_erasure_window(r, kind, id, after, STEP, &row));
	if ((last = row_id(row, "last")) == 0)
		return kind == WIRE_ROOM ? purge_room(r, user, work)
					 : sql_erasure_forget(r, user, "names", kind, id, NULL);
	TRY(sql_erasure_names(r, user, kind, id, after, last, NULL));
	return sql_erasure_advance(r, user, "names", kind, id, last, NULL);
}

static enum err
clean_stream(struct req *r, uint64_t user, bool *found)
{
	json_t *work;
	enum err e = sql_erasure_stream(r, user, &work);

	*found = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (strcmp(row_text(work, "work"), "names") == 0)
		return clean_names(r, user, work);
	return purge_room(r, user, work);
}

static enum err
drop_events(struct req *r, uint64_t user, bool *found)
{
	uint64_t dropped;

	TRY(sql_erasure_events(r, user, STEP, &dropped));
	*found = dropped > 0;
	return OK;
}

static enum err
step(struct req *r, uint64_t user)
{
	static enum err (*const kinds[])(struct req *, uint64_t, bool *) = {leave_room, drop_bot,
	    end_tie, drop_like, drop_hidden, drop_mentions, drop_notifications, drop_vote,
	    clean_stream, drop_events};
	bool found;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		TRY(kinds[i](r, user, &found));
		if (found)
			return OK;
	}
	return sql_erasure_done(r, user, NULL);
}

bool
erasure_step(struct req *r)
{
	json_t *job;
	enum err e;

	if (db_ready(r->db) != OK || sql_erasure_next(r, &job) != OK)
		return false;
	e = step(r, row_id(job, "user"));
	db_rollback(r->db);
	r->notices = NULL; /* see above */
	if (e != OK && e != ERR_RETRY)
		log_warn("erasing user %" PRIu64 ": %s", row_id(job, "user"), err_info(e)->slug);
	return e == OK;
}
