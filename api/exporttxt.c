/* SPDX-License-Identifier: MIT */
/* Text in the layout of KakaoTalk for Windows, which programs read that know nothing of Maru: BOM,
 * CR LF, a title, when it was saved, a line for each day.
 *
 * That layout has no quoting: what is said in several lines could look like several messages. So a
 * further line that begins like a message or a day is put one blank to the right, and brackets in
 * names are round.
 */
#include "export.h"

#define EOL "\r\n"

static void
begin(const struct export *x, struct buf *out)
{
	char saved[32];

	(void)strftime(saved, sizeof(saved), "%Y-%m-%d %H:%M:%S", &x->saved_local);
	buf_addstr(out, "\xef\xbb\xbf");
	phrase_add(out, x->lang, PHRASE_TITLE, x->title, NULL);
	buf_addstr(out, EOL);
	phrase_add(out, x->lang, PHRASE_SAVED, saved, NULL);
	buf_addstr(out, EOL);
}

static void
add_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++) {
		char c = *name;

		buf_addch(out, c == '[' ? '(' : c == ']' ? ')' : c);
	}
}

/* Lines end in LF, CR LF or CR. */
static void
add_text(struct buf *out, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, "\r\n");

		buf_add(out, text, n);
		buf_addstr(out, EOL);
		text += n;
		if (*text == '\0')
			return;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : 1;
		if (*text == '[' || *text == '-')
			buf_addch(out, ' ');
	}
}

static void
add(const struct export *x, const struct export_item *i, struct buf *out)
{
	if (i->new_day) {
		buf_addstr(out, EOL "--------------- ");
		phrase_add_day(out, x->lang, &i->local);
		buf_addstr(out, " ---------------" EOL);
	}
	if (!i->event) {
		buf_addch(out, '[');
		add_name(out, i->name);
		buf_addstr(out, "] [");
		phrase_add_time(out, x->lang, &i->local);
		buf_addstr(out, "] ");
	}
	add_text(out, i->text);
}

const struct export_format export_txt = {
    .word = "txt", .type = "text/plain; charset=utf-8", .begin = begin, .add = add};
