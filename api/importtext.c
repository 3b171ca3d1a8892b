/* SPDX-License-Identifier: MIT */
/* A chat that KakaoTalk saved as text, see importfile.h and talktext.h. Its times are those of the
 * zone that zone_use() was told. */
#include "importfile.h"

#include "zone.h"

#include <jansson.h>

#define BOM "\xef\xbb\xbf"
#define TOP 6 /* lines before the first message that may be anything */

/* Whether it is UTF-8 without NUL. */
static bool
is_text(struct str s)
{
	json_t *json = json_stringn(s.p == NULL ? "" : s.p, s.n);
	bool ok = json != NULL && memchr(s.p == NULL ? "" : s.p, '\0', s.n) == NULL;

	json_decref(json);
	return ok;
}

/* Gives away the message at hand, without the empty lines at its end. */
static enum err
give(struct import_file *f)
{
	struct import_message m = {.type = "", .wall = f->last, .name = f->name};
	size_t n = f->body.n;

	if (!f->open)
		return OK;
	while (n > 0 && f->body.p[n - 1] == '\n')
		n--;
	f->open = false;
	if (n == 0) {
		f->skipped++;
		return OK;
	}
	m.body = arena_strndup(f->mem, f->body.p, n);
	m.number = ++f->messages;
	return f->take(f->owner, &m);
}

/* Adds as much to the message at hand as it may have. */
static struct str
fill(struct import_file *f, struct str s)
{
	size_t n = 0;

	while (n < s.n && f->length < IMPORT_LENGTH_MAX) {
		for (n++; n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
			n++;
		f->length++;
	}
	buf_add(&f->body, s.p, n);
	return (struct str){s.p + n, s.n - n};
}

static void
empty(struct import_file *f)
{
	buf_clear(&f->body);
	f->length = 0;
	f->open = true;
}

/* Adds to the message at hand; what is too long goes on in another one. */
static enum err
add_text(struct import_file *f, struct str s)
{
	for (s = fill(f, s); s.n > 0; s = fill(f, s)) {
		TRY(give(f));
		empty(f);
	}
	return OK;
}

static enum err
begin(struct import_file *f, const struct talktext *t)
{
	struct tm local = t->local;

	TRY(give(f));
	if (t->style != TALK_DATED) {
		if (f->day.tm_mday == 0)
			return import_fail(f, "is a message before any day");
		local.tm_year = f->day.tm_year;
		local.tm_mon = f->day.tm_mon;
		local.tm_mday = f->day.tm_mday;
	}
	f->last = zone_wall(&local, f->last);
	if (!import_is_time(f->last))
		return import_fail(f, "has a time in the future, or before 2000");
	if (t->name.n > IMPORT_NAME_MAX)
		return import_fail(f, "has too long a name");
	memcpy(f->name, t->name.p, t->name.n);
	f->name[t->name.n] = '\0';
	f->style = (int)t->style;
	empty(f);
	return add_text(f, t->text);
}

/* A line that is none of KakaoTalk's own. */
static enum err
go_on(struct import_file *f, struct str line)
{
	if (f->open) {
		TRY(add_text(f, STR("\n")));
		return add_text(f, line);
	}
	if (line.n > 0 && f->messages == 0 && f->line > TOP)
		return import_fail(f, "is no line of a chat that KakaoTalk saved");
	return OK;
}

static bool
is_other_style(const struct import_file *f, const struct talktext *t)
{
	if (f->style == 0 || t->style == 0)
		return false;
	return t->kind == TALK_DAY ? (t->style == TALK_BRACKETS) != (f->style == TALK_BRACKETS)
				   : (int)t->style != f->style;
}

enum err
import_text_line(struct import_file *f, struct str line)
{
	struct talktext t;

	f->line++;
	if (f->line == 1 && str_starts(line, STR(BOM)))
		line = (struct str){line.p + sizeof(BOM) - 1, line.n - sizeof(BOM) + 1};
	if (!is_text(line))
		return import_fail(f, "is no UTF-8");
	t = talktext_read(line);
	if (is_other_style(f, &t) || (t.kind == TALK_HEAD && f->line > TOP))
		return go_on(f, line);
	switch (t.kind) {
	case TALK_REST: return go_on(f, line);
	case TALK_HEAD: return OK;
	case TALK_MESSAGE: return begin(f, &t);
	case TALK_DAY: f->day = t.local; return give(f);
	case TALK_EVENT: f->skipped++; return give(f);
	}
	return OK;
}

enum err
import_text_end(struct import_file *f)
{
	TRY(give(f));
	return f->messages > 0 ? OK : import_fail(f, "ends a file without a message");
}
