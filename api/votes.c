/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/polls/:message/vote(s): what somebody chose in a poll (polls.c).
 *
 * The own choice is told on the own stream, poll.answered {room, message, options}: all devices of
 * a person show it. How many chose what is told to the room.
 */
#include "db.h"
#include "field.h"
#include "members.h"
#include "messages.h"
#include "page.h"
#include "polls.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"

struct vote_in {
	json_t *options;
};

static const struct field vote_fields[] = {
    PLACES_FIELD(struct vote_in, options, POLL_OPTIONS_MAX, POLL_OPTIONS_MAX - 1, FIELD_REQUIRED),
    END_FIELD,
};

/* One or, where that is allowed, some of the options. */
static enum err
check(struct req *r, const struct poll_held *h, const json_t *options)
{
	size_t n = json_array_size(json_object_get(h->asked, "options")), i;
	const json_t *value;

	if (json_array_size(options) == 0)
		return req_invalid(r, "options", "must be at least one");
	if (json_array_size(options) > 1 && !json_is_true(json_object_get(h->asked, "multiple")))
		return req_invalid(r, "options", "must be one");
	json_array_foreach (options, i, value) {
		if ((size_t)json_integer_value(value) >= n)
			return req_invalid(
			    r, "options", "must be a list of numbers that there are");
	}
	return OK;
}

/* The options in their order. */
static json_t *
sorted(struct req *r, const json_t *options)
{
	bool chosen[POLL_OPTIONS_MAX] = {false};
	json_t *out = req_own(r, json_array()), *value;
	size_t i;

	for (i = 0; (value = json_array_get(options, i)) != NULL; i++)
		chosen[json_integer_value(value)] = true;
	for (i = 0; i < POLL_OPTIONS_MAX; i++)
		if (chosen[i])
			(void)json_array_append_new(out, json_integer((json_int_t)i));
	return out;
}

/* Stores a choice, none perhaps, in the place of the one before, and tells of it. */
static enum err
choose(struct req *r, const struct poll_held *h, json_t *options)
{
	const char *text;
	json_t *data;

	if (json_equal(options, json_object_get(h->stands, "mine")))
		return req_reply(r, 204, NULL);
	TRY(sql_vote_clear(r, h->room, h->message, r->user, NULL));
	TRY(req_dump(r, options, &text));
	if (json_array_size(options) > 0)
		TRY(sql_vote_insert(r, h->room, h->message, r->user, text, NULL));
	if (json_is_true(json_object_get(h->stands, "told")))
		TRY(sql_poll_mark(r, h->room, h->message, NULL));
	else
		TRY(polls_tell(r, h, EV_POLL_VOTED));
	data = json_pack("{s:I, s:I, s:O}", "room", (json_int_t)h->room, "message",
	    (json_int_t)h->message, "options", options);
	TRY(stream_append(r, WIRE_USER, r->user, EV_POLL_ANSWERED, req_own(r, data)));
	return req_reply(r, 204, NULL);
}

/* Votes, or votes otherwise: 204. */
enum err
votes_set(struct req *r)
{
	struct poll_held h;
	struct vote_in in;

	TRY(req_read(r, vote_fields, &in));
	TRY(polls_hold(r, &h));
	TRY(members_require_voice(r, h.room));
	if (json_is_true(json_object_get(h.stands, "over")))
		return ERR_POLL_CLOSED;
	TRY(check(r, &h, in.options));
	return choose(r, &h, sorted(r, in.options));
}

/* Takes the vote back: 204, also if there was none. */
enum err
votes_remove(struct req *r)
{
	struct poll_held h;

	TRY(polls_hold(r, &h));
	if (json_is_true(json_object_get(h.stands, "over")))
		return ERR_POLL_CLOSED;
	return choose(r, &h, req_own(r, json_array()));
}

/* Who chose what, in the order of their ids; for everybody in the room. */
enum err
votes_list(struct req *r)
{
	uint64_t room = req_id(r, "room"), message = req_id(r, "message");
	struct page page;
	json_t *row, *rows;

	TRY(page_read(r, 0, &page));
	TRY(messages_require(r, room, message));
	TRY(sql_message_get(r, room, message, &row));
	row = json_object_get(json_object_get(row, "content"), "poll");
	if (row == NULL)
		return ERR_NOT_FOUND;
	if (json_is_true(json_object_get(row, "anonymous")))
		return req_fail(r, ERR_FORBIDDEN, "the poll is anonymous");
	TRY(sql_votes_list(r, room, message, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "votes", rows, &page, "id");
}
