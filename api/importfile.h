/* SPDX-License-Identifier: MIT */
/* What a file of history says, message by message: our own JSON (importjson.c), or a chat that
 * KakaoTalk saved as text (importtext.c). Both are fed line by line and keep no more than the
 * message at hand.
 */
#ifndef MARU_IMPORTFILE_H
#define MARU_IMPORTFILE_H

#include "shared/arena.h"
#include "shared/err.h"
#include "talktext.h"

#include <stdint.h>

#define IMPORT_NAME_MAX   200  /* bytes */
#define IMPORT_LENGTH_MAX 4000 /* characters of a body */
#define IMPORT_LINE_MAX   ((size_t)256 << 10)

struct import_message {
	const char *name, *body, *type; /* type "": a text */
	int64_t wall;
	uint64_t number;     /* in the file: its seq there, or which message it is */
	uint64_t reply_to;   /* such a number, 0: none */
	const char *deleted; /* when it was deleted, or NULL */
};

struct import_file {
	struct arena *mem; /* for the messages */
	/* Takes a message; an error ends the reading. */
	enum err (*take)(void *owner, const struct import_message *m);
	void *owner;
	const char *why; /* of an error: what is wrong with the line */

	uint64_t line;     /* so far */
	uint64_t messages; /* given to take() */
	uint64_t skipped;  /* lines of what happened, which is not imported */

	/* of text */
	int style; /* of talktext.h */
	struct tm day;
	int64_t last; /* the wall time of the message at hand */
	bool open;    /* there is one */
	char name[IMPORT_NAME_MAX + 1];
	struct buf body;
	size_t length; /* of it, in characters */

	/* of JSON */
	bool ended;
};

/* Begin and end to read; *mem and take() must outlive it. */
void import_open(struct import_file *f, struct arena *mem);
void import_close(struct import_file *f);

/* Reads one line without its end, and what is left when there are no more. ERR_INVALID with f->why,
 * or what take() said. */
enum err import_json_line(struct import_file *f, struct str line);
enum err import_json_end(struct import_file *f);
enum err import_text_line(struct import_file *f, struct str line);
enum err import_text_end(struct import_file *f);

/* Returns ERR_INVALID after noting why. */
enum err import_fail(struct import_file *f, const char *why);

/* Characters of valid UTF-8. */
size_t import_length(const char *text);

/* Whether it may be the time of a message. */
bool import_is_time(int64_t wall);

#endif
