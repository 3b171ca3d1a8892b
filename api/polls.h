/* SPDX-License-Identifier: MIT */
/* What others need to know about polls. */
#ifndef MARU_POLLS_H
#define MARU_POLLS_H

#include "stream.h"

#define POLL_QUESTION_MAX 500 /* characters */
#define POLL_OPTION_MAX   100
#define POLL_OPTIONS_MIN  2
#define POLL_OPTIONS_MAX  20

struct poll {
	const char *client_id;
	const char *question;
	json_t *options;       /* an array of texts within the limits above */
	bool multiple;         /* one may choose several */
	bool anonymous;        /* nobody sees who chose what */
	const char *closes_at; /* as clock_text() writes it, or NULL */
};

/* Sends a poll as r->user; everything else as with send_message(). */
enum err polls_send(
    struct req *r, uint64_t room, const struct poll *p, struct stream_pos *at, struct str *message);

/* Gives each message of a page of a room that is a poll its `poll`, how it stands: {counts, voters,
 * mine, closed_at?}. */
enum err polls_attach(struct req *r, uint64_t room, json_t *messages);

/* A poll for whoever votes on it or closes it. */
struct poll_held {
	uint64_t room, message;
	json_t *said;   /* the message */
	json_t *asked;  /* {question, options, multiple, anonymous, closes_at?} */
	json_t *stands; /* the row of sql_poll_get() */
};

/* Holds the room of the request's path, and reads the poll there. ERR_NOT_FOUND if the message is
 * none, ERR_NOT_MEMBER. */
enum err polls_hold(struct req *r, struct poll_held *h);

/* Counts the votes of a poll whose room is held, and tells the room: poll.voted, or poll.closed. */
enum err polls_tell(struct req *r, const struct poll_held *h, enum event ev);

/* Erases what belongs to a message that is a poll, or to none: its room is held, and the event that
 * follows implies it. */
enum err polls_erase(struct req *r, uint64_t room, uint64_t message);

/* Tells of votes that wait for it, or closes a poll whose time has come; true: there may be more.
 * The feeder calls it. */
bool polls_step(struct req *r);

#endif
