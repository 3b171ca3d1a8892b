/* SPDX-License-Identifier: MIT */
/* Our own JSON, see importfile.h and exportjson.c: a line for the file, one for each item, one for
 * the end. */
#include "importfile.h"

#include "row.h"
#include "shared/clock.h"
#include "strictjson.h"

#include <ctype.h>

#define TYPE_MAX 20

static void
drop(void *json)
{
	json_decref(json);
}

static json_t *
parse(struct import_file *f, struct str line)
{
	const char *why = NULL;
	json_t *json = strictjson_parse(line, &why);

	if (json != NULL)
		arena_defer(f->mem, drop, json);
	return json_is_object(json) ? json : NULL;
}

static const char *
check_head(struct import_file *f, struct str line)
{
	const json_t *head;

	head = parse(f, str_of(arena_printf(f->mem, "%.*s]}", (int)line.n, line.p)));
	if (strcmp(row_text(head, "format"), "maru-export") != 0 ||
	    !json_is_array(json_object_get(head, "items")))
		return "is not the first line of an export of Maru's";
	if (row_id(head, "version") != 1)
		return "is of another version";
	return NULL;
}

/* "],"count":3}" */
static const char *
check_end(struct import_file *f, struct str line)
{
	const json_t *end;

	end = parse(f, str_of(arena_printf(f->mem, "{\"items\":[%.*s", (int)line.n, line.p)));
	if (end == NULL || row_id(end, "count") != f->messages + f->skipped)
		return "does not count the items before it: some are missing";
	f->ended = true;
	return NULL;
}

static bool
is_type(const char *s)
{
	size_t n = 0;

	while (islower((unsigned char)s[n]))
		n++;
	return n > 0 && n <= TYPE_MAX && s[n] == '\0';
}

/* What is wrong with an item, or NULL. */
static const char *
read_item(const json_t *item, struct import_message *m)
{
	*m = (struct import_message){.name = row_text(item, "name"),
	    .body = row_text(item, "body"),
	    .type = row_text(item, "type"),
	    .number = row_id(item, "seq"),
	    .reply_to = row_id(item, "reply_to"),
	    .deleted = json_string_value(json_object_get(item, "deleted_at"))};
	int64_t deleted;

	if (!is_type(m->type))
		return "has no type";
	if (strcmp(m->type, "text") == 0)
		m->type = "";
	if (strlen(m->name) > IMPORT_NAME_MAX)
		return "has too long a name";
	if (import_length(m->body) > IMPORT_LENGTH_MAX)
		return "has too long a body";
	if (m->number == 0 || (int64_t)m->number < 0)
		return "has no seq";
	if (!clock_read(row_text(item, "created_at"), &m->wall) || !import_is_time(m->wall))
		return "has no time, or one in the future, or before 2000";
	if (m->deleted != NULL && (!clock_read(m->deleted, &deleted) || !import_is_time(deleted)))
		return "has no time of its deletion";
	if (m->deleted == NULL && m->body[0] == '\0' && m->type[0] == '\0')
		return "has no body";
	return NULL;
}

static const char *
take_item(struct import_file *f, struct str line, enum err *e)
{
	const json_t *item;
	struct import_message m;
	const char *why;

	if (line.n > 0 && line.p[line.n - 1] == ',')
		line.n--;
	if ((item = parse(f, line)) == NULL)
		return "is no item of an export";
	if (strchr(row_text(item, "type"), '.') != NULL) {
		f->skipped++;
		return NULL;
	}
	if ((why = read_item(item, &m)) != NULL)
		return why;
	f->messages++;
	*e = f->take(f->owner, &m);
	return NULL;
}

enum err
import_json_line(struct import_file *f, struct str line)
{
	const char *why = NULL;
	enum err e = OK;

	f->line++;
	if (f->line == 1)
		why = check_head(f, line);
	else if (f->ended)
		why = line.n == 0 ? NULL : "comes after the end";
	else if (line.n > 0 && line.p[0] == ']')
		why = check_end(f, line);
	else if (line.n > 0)
		why = take_item(f, line, &e);
	return why == NULL ? e : import_fail(f, why);
}

enum err
import_json_end(struct import_file *f)
{
	return f->ended ? OK : import_fail(f, "is the last one, and not the end of an export");
}
