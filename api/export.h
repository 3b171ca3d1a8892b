/* SPDX-License-Identifier: MIT */
/* What the writers of an export's formats (export*.c) share. */
#ifndef MARU_EXPORT_H
#define MARU_EXPORT_H

#include "phrase.h"
#include "req.h"

#include <time.h>

struct export_format;

/* One export on its way. */
struct export
{
	const struct export_format *format;
	uint64_t room, user;
	const char *title, *zone;
	enum lang lang;
	const char *saved; /* when it began, as clock_text() writes it */
	struct tm saved_local;
	int64_t since, before; /* seconds since 1970: what was said in this time */
	uint64_t seen_after;   /* what came up to here is not the asker's to see */
	uint64_t after, until; /* the seqs that are left */
	bool began;
	struct tm day;  /* of the last item; tm_mday 0: none yet */
	uint64_t items; /* so far */
};

/* One line of history. */
struct export_item {
	bool event;       /* it is no message, but what happened in the room */
	const char *type; /* of the message, or of the event */
	uint64_t seq, sender;
	const char *time; /* UTC, as clock_text() writes it */
	struct tm local;
	bool new_day;      /* the first one of its day */
	const char *name;  /* of who did it, as people read it */
	const char *text;  /* what people read */
	const json_t *row; /* see export.sql */
};

struct export_format {
	const char *word; /* of ?format=, and the end of the file's name */
	const char *type; /* Content-Type */
	void (*begin)(const struct export *x, struct buf *out);
	void (*add)(const struct export *x, const struct export_item *i, struct buf *out);
	void (*end)(const struct export *x, struct buf *out); /* NULL: nothing */
};

extern const struct export_format export_txt, export_csv, export_json, export_html;

/* Adds a local time with its distance from UTC, "2026-11-29T15:05:00+09:00". */
void export_add_time(struct buf *out, const struct tm *local);

#endif
