/* SPDX-License-Identifier: MIT */
/* CSV (RFC 4180) in UTF-8, with the BOM by which Excel knows it. Spreadsheets take a cell that
 * begins with one of =+-@ for a formula: an apostrophe in front keeps it a text. */
#include "export.h"

#include <inttypes.h>

#define EOL "\r\n"

static void
begin(const struct export *x, struct buf *out)
{
	(void)x;
	buf_addstr(out, "\xef\xbb\xbf"
			"seq,time,type,sender,name,text" EOL);
}

static void
add_cell(struct buf *out, const char *text)
{
	buf_addstr(out, strchr("=+-@\t\r\n", *text) != NULL && *text != '\0' ? "\"'" : "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addch(out, '"');
		buf_addch(out, *text);
	}
	buf_addch(out, '"');
}

static void
add(const struct export *x, const struct export_item *i, struct buf *out)
{
	(void)x;
	buf_printf(out, "%" PRIu64 ",", i->seq);
	export_add_time(out, &i->local);
	buf_printf(out, ",%s,", i->type);
	if (i->sender != 0)
		buf_printf(out, "%" PRIu64, i->sender);
	buf_addch(out, ',');
	add_cell(out, i->name);
	buf_addch(out, ',');
	add_cell(out, i->text);
	buf_addstr(out, EOL);
}

const struct export_format export_csv = {
    .word = "csv", .type = "text/csv; charset=utf-8", .begin = begin, .add = add};
