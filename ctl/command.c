/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "api/query.h"
#include "sql.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define PATH_TEXT  1024
#define QUERY_TEXT 8192

static const struct command commands[] = {
#define COMMAND(words, method, path, fixed, further, help) \
	{words, method, #method, path, fixed, further, help},
#include "commands.def"
#undef COMMAND
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* One of the further fields of a command. */
struct further {
	const char *name;
	size_t n;
	bool required, number;
};

/* Takes the next field off the list; false at its end. */
static bool
take_further(const char **list, struct further *f)
{
	const char *s = *list;

	if (*s == '\0')
		return false;
	*f = (struct further){.name = s, .n = strcspn(s, " *#")};
	for (s += f->n; *s != '\0' && *s != ' '; s++) {
		f->required = f->required || *s == '*';
		f->number = f->number || *s == '#';
	}
	*list = s + (*s == ' ');
	return true;
}

void
command_help(FILE *out)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const char *list = commands[i].further;
		struct further f;

		(void)fprintf(out, "  %s", commands[i].words);
		while (take_further(&list, &f))
			(void)fprintf(
			    out, f.required ? " %.*s=..." : " [%.*s=...]", (int)f.n, f.name);
		(void)fprintf(out, "\n      %s\n", commands[i].help);
	}
}

/* Whether the words begin with those of the command: in capitals is any word but name=value. */
static int
match(const struct command *c, int argc, char **argv)
{
	const char *s = c->words;
	int i;

	for (i = 0; *s != '\0'; i++) {
		size_t n = strcspn(s, " ");

		if (i == argc)
			return 0;
		if (isupper((unsigned char)*s) ? strchr(argv[i], '=') != NULL
					       : strlen(argv[i]) != n || memcmp(argv[i], s, n) != 0)
			return 0;
		s += n + (s[n] == ' ');
	}
	return i;
}

const struct command *
command_find(int argc, char **argv, int *n)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if ((*n = match(&commands[i], argc, argv)) > 0)
			return &commands[i];
	}
	return NULL;
}

static bool
complain(const char *what, const char *which)
{
	(void)fprintf(stderr, "maructl: %s %s\n", what, which);
	return false;
}

static bool
is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0' && strlen(s) < 19;
}

/* A person by number or by login name. */
static bool
find_user(struct req *r, const char *text, const char **out)
{
	json_t *row;

	*out = text;
	if (is_number(text))
		return true;
	if (sql_user_password(r, text, &row) != OK)
		return complain("there is no account of the name", text);
	*out = arena_printf(&r->mem, "%" PRIu64, row_id(row, "id"));
	return true;
}

/* The next word of the command line that stands for a word in capitals; *words and *i go on behind
 * it. The path has an id for each. */
static bool
next_id(const char **words, char **argv, int *i, struct req *r, const char **id)
{
	bool user;

	while (!isupper((unsigned char)**words)) {
		*words += strcspn(*words, " ") + 1;
		(*i)++;
	}
	user = strncmp(*words, "USER", 4) == 0;
	*words += strcspn(*words, " ");
	*words += **words == ' ';
	*id = argv[(*i)++];
	if (user && !find_user(r, *id, id))
		return false;
	return is_number(*id) || complain("this must be a number:", *id);
}

/* The command's path with the arguments in place of its ids. */
static bool
fill_path(const struct command *c, char **argv, struct req *r)
{
	struct buf *path = req_buf(r, PATH_TEXT);
	const char *words = c->words, *id;
	int i = 0;

	for (const char *p = c->path; *p != '\0';) {
		size_t n = strcspn(p, ":");

		buf_add(path, p, n);
		p += n;
		if (*p != ':')
			break;
		if (!next_id(&words, argv, &i, r, &id))
			return false;
		buf_addstr(path, id);
		p += strcspn(p, "/");
	}
	r->path = path->p;
	return true;
}

/* Whether the command knows a field of this name. */
static bool
knows(const struct command *c, const char *name, struct further *f)
{
	const char *list = c->further;

	while (take_further(&list, f)) {
		if (strlen(name) == f->n && memcmp(f->name, name, f->n) == 0)
			return true;
	}
	return false;
}

/* Reads the words name=value into a JSON object. */
static bool
read_fields(const struct command *c, int argc, char **argv, struct req *r, json_t *fields)
{
	for (int i = 0; i < argc; i++) {
		size_t n = strcspn(argv[i], "=");
		const char *name = arena_strndup(&r->mem, argv[i], n), *value = argv[i] + n + 1;
		struct further f;
		json_t *json;

		if (argv[i][n] != '=' || !knows(c, name, &f))
			return complain("this command does not know", argv[i]);
		if (strcmp(name, "user") == 0 && !find_user(r, value, &value))
			return false;
		json = f.number && is_number(value)
			   ? json_integer((json_int_t)strtoull(value, NULL, 10))
			   : json_string(value);
		if (json == NULL)
			return complain("not UTF-8:", "a value");
		(void)json_object_set_new(fields, name, json);
	}
	return true;
}

static bool
has_required(const struct command *c, struct req *r, const json_t *fields)
{
	const char *list = c->further;
	struct further f;

	while (take_further(&list, &f)) {
		const char *name = arena_strndup(&r->mem, f.name, f.n);

		if (f.required && json_object_get(fields, name) == NULL)
			return complain("required:", arena_printf(&r->mem, "%s=...", name));
	}
	return true;
}

static const char *
make_query(struct req *r, json_t *fields)
{
	struct buf *query = req_buf(r, QUERY_TEXT);
	const char *name;
	json_t *value;

	json_object_foreach (fields, name, value) {
		buf_printf(query, "%s%s=", query->n > 0 ? "&" : "", name);
		if (json_is_string(value))
			query_encode(query, str_of(json_string_value(value)));
		else
			buf_printf(query, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	}
	return query->n == 0 ? "" : query->p;
}

bool
command_fill(const struct command *c, int argc, char **argv, struct req *r)
{
	json_t *fields =
	    req_own(r, c->fixed[0] == '\0' ? json_object() : json_loads(c->fixed, 0, NULL));
	int words = match(c, argc, argv);
	char *text;

	r->method = c->method;
	r->method_name = c->method_name;
	r->query = "";
	if (!fill_path(c, argv, r) || !read_fields(c, argc - words, argv + words, r, fields) ||
	    !has_required(c, r, fields))
		return false;
	if (c->method == GET) {
		r->query = make_query(r, fields);
		return true;
	}
	if (json_object_size(fields) == 0)
		return true;
	if ((text = json_dumps(fields, JSON_COMPACT)) == NULL)
		return complain("not UTF-8:", "a value");
	r->content = str_of(arena_strdup(&r->mem, text));
	r->announced = r->content.n;
	free(text);
	return true;
}
