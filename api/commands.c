/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/commands: what begins with "/".
 *
 * Clients send commands here and not as messages, so that sending stays as it is and a command is
 * never said by accident. Maru's own stand in the table below. One of a bot that is in the room is
 * told to the bot, on its own stream; what the bot then says are messages like others. Texts for
 * people are codes, which clients word.
 */
#include "commands.h"

#include "db.h"
#include "dice.h"
#include "members.h"
#include "polls.h"
#include "reminders.h"
#include "rooms.h"
#include "route.h"
#include "send.h"
#include "shared/clock.h"
#include "shared/crypt.h"
#include "sql.h"
#include "throttle.h"
#include "when.h"
#include "zone.h"

#include <inttypes.h>

#define NAME_MAX     32
#define LIST_MAX     200
#define CALLS_MAX    60 /* of one person in CALLS_WINDOW seconds */
#define CALLS_WINDOW 60
#define REMIND_MAX   500                       /* characters */
#define YEAR_MS      (INT64_C(366) * 86400000) /* no reminder is further away */
#define LETTERS      "abcdefghijklmnopqrstuvwxyz0123456789_-"

struct saying {
	uint64_t room;
	const char *client_id;
	const char *text;
	const char *name; /* of text: the first word, and what is behind it */
	const char *args;
};

static const struct field saying_fields[] = {
    TEXT_FIELD(struct saying, client_id, 1, SEND_CLIENT_ID_MAX, FIELD_REQUIRED | FIELD_BYTES),
    TEXT_FIELD(struct saying, text, 2, SEND_BODY_MAX, FIELD_REQUIRED),
    END_FIELD,
};

struct ballot {
	const char *question;
	json_t *options;
};

static const struct field ballot_fields[] = {
    TEXT_FIELD(struct ballot, question, 1, POLL_QUESTION_MAX, FIELD_REQUIRED | FIELD_LINE),
    LIST_FIELD(
	struct ballot, options, POLL_OPTIONS_MAX, POLL_OPTION_MAX, FIELD_REQUIRED | FIELD_LINE),
    END_FIELD,
};

/* ---- Maru's own ---- */

static enum err help(struct req *r, const struct saying *c);
static enum err poll(struct req *r, const struct saying *c);
static enum err remind(struct req *r, const struct saying *c);
static enum err roll(struct req *r, const struct saying *c);

static const struct {
	const char *name, *usage;
	enum err (*run)(struct req *r, const struct saying *c);
} ours[] = {
    {"help", "", help},
    {"poll", "question | answer | answer ...", poll},
    {"remind", "10m | 09:00 | 2026-12-01 09:00  ...", remind},
    {"roll", "2d6", roll},
};

#define OURS (sizeof(ours) / sizeof(ours[0]))

bool
commands_is_name(const char *s, size_t n)
{
	return n >= 1 && n <= NAME_MAX && strspn(s, LETTERS) >= n;
}

bool
commands_is_ours(const char *name)
{
	size_t i = 0;

	while (i < OURS && strcmp(ours[i].name, name) != 0)
		i++;
	return i < OURS;
}

/* What the asker alone sees; takes over the reference to args. */
static enum err
reply(struct req *r, const char *code, json_t *args)
{
	return req_reply(r, 200, json_pack("{s:{s:s, s:o}}", "reply", "code", code, "args", args));
}

/* All commands of a room, Maru's own first; a new reference. */
static enum err
describe_all(struct req *r, uint64_t room, json_t **out)
{
	json_t *all = json_array(), *rows, *row;
	size_t i;

	*out = req_own(r, all);
	for (i = 0; i < OURS; i++)
		(void)json_array_append_new(
		    all, json_pack("{s:s, s:s, s:s+}", "name", ours[i].name, "usage", ours[i].usage,
			     "code", "command.", ours[i].name));
	TRY(sql_commands_in_room(r, room, r->user, LIST_MAX, &rows));
	json_array_foreach (rows, i, row)
		(void)json_array_append(all, row);
	return OK;
}

static enum err
help(struct req *r, const struct saying *c)
{
	json_t *all;

	TRY(describe_all(r, c->room, &all));
	return reply(r, "help", json_pack("{s:O}", "commands", all));
}

/* One of the dice. It follows from who rolls where with which client_id, and from a secret: a
 * repeated call is the same roll, and nobody knows it before. */
static unsigned
throw_one(struct req *r, const struct saying *c, const struct dice *dice, unsigned place)
{
	unsigned char hash[CRYPT_HASH];
	uint64_t number = 0;

	crypt_hmac(str_of(r->conf->token_secret),
	    str_of(arena_printf(&r->mem, "roll:%" PRIu64 ":%" PRIu64 ":%u:%u:%s", c->room, r->user,
		dice->sides, place, c->client_id)),
	    hash);
	memcpy(&number, hash, sizeof(number));
	return (unsigned)(number % dice->sides) + 1;
}

/* Throws dice: 201 with a message of its own type, which nobody can type by hand. */
static enum err
roll(struct req *r, const struct saying *c)
{
	struct buf *body = req_buf(r, SEND_BODY_MAX);
	json_t *rolls = json_array(), *content;
	const char *text;
	struct dice dice;
	unsigned sum = 0;

	(void)req_own(r, rolls);
	if (!dice_read(c->args, &dice))
		return req_invalid(r, "text", "must be dice like 2d6: at most 20d1000");
	buf_printf(body, "🎲 %ud%u: ", dice.count, dice.sides);
	for (unsigned i = 0; i < dice.count; i++) {
		unsigned one = throw_one(r, c, &dice, i);

		sum += one;
		buf_printf(body, "%s%u", i == 0 ? "" : " + ", one);
		(void)json_array_append_new(rolls, json_integer(one));
	}
	if (dice.count > 1)
		buf_printf(body, " = %u", sum);
	content = json_pack("{s:{s:i, s:O, s:i}}", "roll", "sides", (int)dice.sides, "rolls", rolls,
	    "sum", (int)sum);
	TRY(req_dump(r, req_own(r, content), &text));
	return send_reply(r, c->room,
	    &(struct send){.client_id = c->client_id,
		.body = arena_strndup(&r->mem, body->p, body->n),
		.type = "roll",
		.content = text});
}

/* The texts between bars, without the blanks around them; a new reference. */
static json_t *
split(struct req *r, const char *text)
{
	json_t *parts = json_array();

	for (;;) {
		size_t n = strcspn(text, "|"), from = strspn(text, " \n\t"), until = n;

		from = from > n ? n : from;
		while (until > from && strchr(" \n\t", text[until - 1]) != NULL)
			until--;
		(void)json_array_append_new(
		    parts, json_string(arena_strndup(&r->mem, text + from, until - from)));
		if (text[n] == '\0')
			return parts;
		text += n + 1;
	}
}

/* Asks the room: 201 with a poll, of which everybody chooses one. */
static enum err
poll(struct req *r, const struct saying *c)
{
	json_t *parts = req_own(r, split(r, c->args)), *form, *faults = req_own(r, json_array());
	struct stream_pos at;
	struct str message;
	struct ballot in;

	form = req_own(
	    r, json_pack("{s:O, s:O}", "question", json_array_get(parts, 0), "options", parts));
	(void)json_array_remove(parts, 0);
	if (!field_read(ballot_fields, form, &in, &r->mem, faults) ||
	    json_array_size(in.options) < POLL_OPTIONS_MIN)
		return req_invalid(
		    r, "text", "must be a question and 2 to 20 different answers, with | between");
	TRY(polls_send(r, c->room,
	    &(struct poll){
		.client_id = c->client_id, .question = in.question, .options = in.options},
	    &at, &message));
	return req_reply_text(r, 201, message);
}

/* Keeps something for later: 200 with the reminder. */
static enum err
remind(struct req *r, const struct saying *c)
{
	struct reminder in = {.client_id = c->client_id, .room = c->room};
	int64_t now = clock_wall();
	json_t *row;

	TRY(sql_settings_get(r, r->user, &row));
	zone_use(row_text(row, "time_zone"));
	if (!when_read(c->args, now, &in.due, &in.text))
		return req_invalid(r, "text", "must say when: 10m, 09:00 or 2026-12-01 09:00");
	if (in.due <= now || in.due > now + YEAR_MS)
		return req_invalid(r, "text", "must be a time within a year from now");
	if (in.text[0] == '\0' || strlen(in.text) > REMIND_MAX)
		return req_invalid(r, "text", "must say of what, in at most 500 bytes");
	TRY(reminders_add(r, &in, &row));
	return reply(r, "reminder", json_incref(row));
}

/* ---- those of bots ---- */

/* Tells the bot that has this command here. */
static enum err
deliver(struct req *r, const struct saying *c)
{
	json_t *row, *data;
	enum err e;

	TRY(db_begin(r->db));
	TRY(stream_hold(r, WIRE_ROOM, c->room));
	TRY(rooms_require(r, c->room, &row));
	TRY(members_require_voice(r, c->room));
	if ((e = sql_command_find(r, c->room, r->user, c->name, &row)) != OK)
		return e == ERR_NOT_FOUND
			   ? req_invalid(r, "text", "is no command that there is in this room")
			   : e;
	data = json_pack("{s:I, s:I, s:s, s:s, s:s}", "room", (json_int_t)c->room, "user",
	    (json_int_t)r->user, "name", c->name, "text", c->args, "client_id", c->client_id);
	TRY(stream_append(r, WIRE_USER, row_id(row, "bot"), EV_COMMAND_INVOKED, req_own(r, data)));
	return reply(r, "delivered", json_pack("{s:O}", "bot", json_object_get(row, "bot")));
}

/* ---- all ---- */

/* What can be typed in a room. */
enum err
commands_list(struct req *r)
{
	json_t *row, *all;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(describe_all(r, req_id(r, "room"), &all));
	return req_reply(r, 200, json_pack("{s:O}", "commands", all));
}

/* "/name args" in its parts; blanks around args are none of them. */
static enum err
read_call(struct req *r, struct saying *c)
{
	const char *end;
	size_t n;

	TRY(req_read(r, saying_fields, c));
	c->room = req_id(r, "room");
	n = strcspn(c->text, " \n\t");
	if (c->text[0] != '/' || !commands_is_name(c->text + 1, n - 1))
		return req_invalid(r, "text", "must begin with / and the name of a command");
	c->name = arena_strndup(&r->mem, c->text + 1, n - 1);
	c->args = c->text + n + strspn(c->text + n, " \n\t");
	for (end = c->args + strlen(c->args); end > c->args && strchr(" \n\t", end[-1]) != NULL;)
		end--;
	c->args = arena_strndup(&r->mem, c->args, (size_t)(end - c->args));
	return OK;
}

/* Carries a command out: 201 with the message that came of it, or 200 with a reply that only the
 * asker sees. The same client_id and text again: the same once more. */
enum err
commands_create(struct req *r)
{
	struct saying c;
	json_t *row;

	TRY(read_call(r, &c));
	TRY(rooms_require(r, c.room, &row));
	TRY(throttle_take(
	    r, arena_printf(&r->mem, "commands:%" PRIu64, r->user), CALLS_MAX, CALLS_WINDOW));
	for (size_t i = 0; i < OURS; i++) {
		if (strcmp(ours[i].name, c.name) == 0)
			return ours[i].run(r, &c);
	}
	return deliver(r, &c);
}
