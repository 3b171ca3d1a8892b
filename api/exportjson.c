/* SPDX-License-Identifier: MIT */
/* Maru's own format, which it can read again (imports.c): one JSON object, laid out so that each
 * item has a line to itself, and nobody has to hold all of it. Times are UTC. Only a file with its
 * last line, which counts the items, is whole. */
#include "export.h"

#include <inttypes.h>
#include <stdlib.h>

#define VERSION 1

static void
add_string(struct buf *out, const char *before, const char *text)
{
	buf_addstr(out, before);
	buf_addch(out, '"');
	buf_addjson(out, text, strlen(text));
	buf_addch(out, '"');
}

static void
begin(const struct export *x, struct buf *out)
{
	buf_printf(
	    out, "{\"format\":\"maru-export\",\"version\":%d,\"room\":%" PRIu64, VERSION, x->room);
	add_string(out, ",\"title\":", x->title);
	add_string(out, ",\"saved_at\":", x->saved);
	buf_addstr(out, ",\"items\":[\n");
}

/* Values of the row that are there in some messages only, as they are. */
static void
add_rest(struct buf *out, const json_t *row)
{
	static const char *const names[] = {
	    "reply_to", "thread", "entities", "content", "edited_at", "deleted_at"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *value = json_object_get(row, names[i]);
		char *text;

		if (value == NULL)
			continue;
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		buf_printf(out, ",\"%s\":%s", names[i], text == NULL ? "null" : text);
		free(text);
	}
}

static void
add(const struct export *x, const struct export_item *i, struct buf *out)
{
	buf_printf(out, "%s{\"seq\":%" PRIu64, x->items == 0 ? "" : ",\n", i->seq);
	add_string(out, ",\"created_at\":", i->time);
	add_string(out, ",\"type\":", i->type);
	if (i->sender != 0)
		buf_printf(out, ",\"sender\":%" PRIu64, i->sender);
	add_string(out, ",\"name\":", i->name);
	if (!i->event) {
		add_string(out, ",\"body\":", row_text(i->row, "body"));
		add_rest(out, i->row);
	}
	buf_addch(out, '}');
}

static void
end(const struct export *x, struct buf *out)
{
	buf_printf(out, "\n],\"count\":%" PRIu64 "}\n", x->items);
}

const struct export_format export_json = {
    .word = "json", .type = "application/json", .begin = begin, .add = add, .end = end};
