/* SPDX-License-Identifier: MIT */
/* A part ends at CR LF "--" boundary. The boundary itself has no CR, so when a match breaks off, a
 * new one can begin nowhere within what was matched: what is held back of the content is a count of
 * bytes that are known, and nothing has to be kept to look at again.
 */
#include "multipart.h"

#include "mimeparam.h"
#include "query.h"

#include <stdbool.h>
#include <strings.h>

enum state {
	PREAMBLE, /* before the first boundary, ignored */
	CONTENT,
	AFTER,   /* a boundary: "--" or the end of its line */
	DASH,    /* the first "-" of the two */
	PADDING, /* blanks at the end of a boundary's line */
	NEWLINE, /* its CR was there */
	HEADER,
	EPILOGUE, /* after the last boundary, ignored */
	BROKEN,
};

struct multipart {
	struct arena *mem;
	enum state state;
	char delimiter[4 + MULTIPART_BOUNDARY_MAX];
	size_t size;    /* of it */
	size_t matched; /* bytes of it that stand at the end of what came */
	size_t lent;    /* so many of these belong to the line before, not to the content */
	char header[MULTIPART_HEADER_MAX];
	size_t n; /* of it */
	unsigned parts;
	enum err error; /* once it is BROKEN */
	multipart_fn *on;
	void *owner;
};

/* Browsers write at most 70 characters of a small set (RFC 2046, 5.1.1), others "*****". */
static bool
is_boundary(const char *s)
{
	size_t n = strlen(s);

	for (const char *c = s; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			return false;
	}
	return n >= 1 && n <= MULTIPART_BOUNDARY_MAX && s[n - 1] != ' ';
}

struct multipart *
multipart_create(struct arena *mem, const char *content_type)
{
	const char *name, *value, *boundary = NULL;
	struct str text = str_of(content_type);
	struct multipart *m;

	if (strcasecmp(mimeparam_value(mem, &text), "multipart/form-data") != 0)
		return NULL;
	while (mimeparam_next(mem, &text, &name, &value)) {
		if (strcmp(name, "boundary") == 0 && boundary != NULL)
			return NULL;
		if (strcmp(name, "boundary") == 0)
			boundary = value;
	}
	if (text.n > 0 || boundary == NULL || !is_boundary(boundary))
		return NULL;
	m = arena_alloc(mem, sizeof(*m));
	m->mem = mem;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary, strlen(boundary));
	m->size = 4 + strlen(boundary);
	m->matched = m->lent = 2; /* the beginning counts as one of a line */
	return m;
}

static enum err
tell(struct multipart *m, struct multipart_event event)
{
	return m->on(m->owner, &event);
}

static enum err
tell_data(struct multipart *m, const char *p, size_t n)
{
	if (n == 0 || m->state == PREAMBLE)
		return OK;
	return tell(m, (struct multipart_event){.what = MULTIPART_DATA, .data = {p, n}});
}

/* ---- the header of a part ---- */

/* Browsers encode what would end the quotes or the line, and nothing else
 * (https://html.spec.whatwg.org/#multipart-form-data). In place. */
static const char *
unescape(char *s)
{
	char *out = s;

	for (const char *c = s; *c != '\0'; out++) {
		char escaped = strncmp(c, "%22", 3) == 0       ? '"'
			       : strncasecmp(c, "%0D", 3) == 0 ? '\r'
			       : strncasecmp(c, "%0A", 3) == 0 ? '\n'
							       : '\0';

		*out = escaped == '\0' ? *c : escaped;
		c += escaped == '\0' ? 1 : 3;
	}
	*out = '\0';
	return s;
}

/* UTF-8'language'%EA%B0%80 (RFC 8187); NULL if it is something else. */
static const char *
extended(struct arena *mem, const char *value)
{
	const char *quote;

	if (strncasecmp(value, "UTF-8'", 6) != 0 || (quote = strchr(value + 6, '\'')) == NULL)
		return NULL;
	return query_decode(mem, str_of(quote + 1));
}

/* A value that is given twice has two readings. */
static enum err
set(const char **out, const char *value)
{
	if (*out != NULL)
		return ERR_BAD_REQUEST;
	*out = value;
	return OK;
}

static enum err
read_disposition(struct multipart *m, struct str text, struct multipart_event *part)
{
	const char *name, *value, *better = NULL;

	if (strcasecmp(mimeparam_value(m->mem, &text), "form-data") != 0)
		return ERR_BAD_REQUEST;
	while (mimeparam_next(m->mem, &text, &name, &value)) {
		if (strcmp(name, "name") == 0)
			TRY(set(&part->name, unescape(arena_strdup(m->mem, value))));
		else if (strcmp(name, "filename") == 0)
			TRY(set(&part->filename, unescape(arena_strdup(m->mem, value))));
		else if (strcmp(name, "filename*") == 0)
			TRY(set(&better, value));
	}
	if (better != NULL && (better = extended(m->mem, better)) != NULL)
		part->filename = better;
	return text.n == 0 ? OK : ERR_BAD_REQUEST;
}

/* Reads "name: value". */
static enum err
read_line(struct multipart *m, struct str line, struct multipart_event *part)
{
	const char *colon = memchr(line.p, ':', line.n), *name;
	struct str value;

	if (colon == NULL || colon == line.p)
		return ERR_BAD_REQUEST;
	name = arena_strndup(m->mem, line.p, (size_t)(colon - line.p));
	value = (struct str){colon + 1, line.n - strlen(name) - 1};
	if (strcasecmp(name, "Content-Disposition") == 0 && part->name != NULL)
		return ERR_BAD_REQUEST;
	if (strcasecmp(name, "Content-Disposition") == 0)
		return read_disposition(m, value, part);
	if (strcasecmp(name, "Content-Type") == 0) {
		while (value.n > 0 && (value.p[0] == ' ' || value.p[0] == '\t'))
			value = (struct str){value.p + 1, value.n - 1};
		return set(&part->type, arena_strndup(m->mem, value.p, value.n));
	}
	return OK;
}

/* Makes one line of each that goes on after a line break (RFC 5322, 2.2.3), and looks whether the
 * rest is text. */
static bool
unfold(char *header, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)header[i];

		if (c == '\r' && i + 1 < n && header[i + 1] == '\n') {
			if (i + 2 < n && (header[i + 2] == ' ' || header[i + 2] == '\t'))
				header[i] = header[i + 1] = ' ';
			i++;
		} else if ((c < ' ' && c != '\t') || c == 0x7f) {
			return false;
		}
	}
	return true;
}

/* The header is complete, its empty line included. */
static enum err
begin_part(struct multipart *m)
{
	struct multipart_event part = {.what = MULTIPART_PART};
	const char *p = m->header, *end;

	if (++m->parts > MULTIPART_PARTS_MAX || !unfold(m->header, m->n))
		return ERR_BAD_REQUEST;
	for (; p[0] != '\r'; p = end + 2) {
		end = memchr(p, '\r', m->n - (size_t)(p - m->header));
		TRY(read_line(m, (struct str){p, (size_t)(end - p)}, &part));
	}
	if (part.name == NULL)
		return ERR_BAD_REQUEST;
	part.filename = part.filename == NULL ? "" : part.filename;
	part.type = part.type == NULL ? "" : part.type;
	m->state = CONTENT;
	m->matched = m->lent = 2; /* an empty part's boundary may begin with that line's end */
	return tell(m, part);
}

static enum err
take_header(struct multipart *m, char c)
{
	if (m->n == sizeof(m->header))
		return ERR_BAD_REQUEST;
	m->header[m->n++] = c;
	if (c != '\n' || (m->n != 2 && m->n < 4))
		return OK;
	if (memcmp(m->header + m->n - 2, "\r\n", 2) != 0 ||
	    (m->n > 2 && memcmp(m->header + m->n - 4, "\r\n", 2) != 0))
		return OK;
	return begin_part(m);
}

/* ---- between the parts ---- */

static enum err
take_boundary_line(struct multipart *m, char c)
{
	if (m->state == AFTER && c == '-')
		m->state = DASH;
	else if (m->state == DASH && c == '-') {
		m->state = EPILOGUE;
		return tell(m, (struct multipart_event){.what = MULTIPART_END});
	} else if ((m->state == AFTER || m->state == PADDING) && (c == ' ' || c == '\t'))
		m->state = PADDING;
	else if ((m->state == AFTER || m->state == PADDING) && c == '\r')
		m->state = NEWLINE;
	else if (m->state == NEWLINE && c == '\n') {
		m->state = HEADER;
		m->n = 0;
	} else
		return ERR_BAD_REQUEST;
	return OK;
}

/* ---- the content ---- */

/* The whole delimiter is there. */
static enum err
end_part(struct multipart *m)
{
	bool was_part = m->state == CONTENT;

	m->state = AFTER;
	m->matched = m->lent = 0;
	return was_part ? tell(m, (struct multipart_event){.what = MULTIPART_PART_END}) : OK;
}

/* Goes on with a match that has begun before these bytes. If it breaks off, what was held back is
 * content after all. Gives how many of the bytes were used. */
static enum err
continue_match(struct multipart *m, struct str s, size_t *used)
{
	struct str held = {m->delimiter + m->lent, m->matched - m->lent};

	while (*used < s.n && m->matched < m->size && s.p[*used] == m->delimiter[m->matched]) {
		m->matched++;
		++*used;
	}
	if (m->matched == m->size)
		return end_part(m);
	if (*used == s.n)
		return OK;
	m->matched = m->lent = 0;
	return tell_data(m, held.p, held.n);
}

/* Passes on content up to the delimiter, or up to where one may have begun. */
static enum err
take_content(struct multipart *m, struct str s, size_t *used)
{
	const char *p = s.p, *end = s.p + s.n, *cr;
	size_t n;

	if (m->matched > 0) {
		TRY(continue_match(m, s, used));
		if (m->matched > 0 || m->state == AFTER)
			return OK;
		/* What was looked at of these bytes and is no boundary is content, too. */
	}
	for (; (cr = memchr(p, '\r', (size_t)(end - p))) != NULL; p = cr + n) {
		n = 1;
		while (n < m->size && cr + n < end && cr[n] == m->delimiter[n])
			n++;
		if (n < m->size && cr + n < end)
			continue;
		TRY(tell_data(m, s.p, (size_t)(cr - s.p)));
		*used = (size_t)(cr - s.p) + n;
		m->matched = n;
		return n == m->size ? end_part(m) : OK;
	}
	*used = s.n;
	return tell_data(m, s.p, s.n);
}

static enum err
take(struct multipart *m, struct str s, size_t *used)
{
	switch (m->state) {
	case PREAMBLE:
	case CONTENT: return take_content(m, s, used);
	case HEADER: *used = 1; return take_header(m, s.p[0]);
	case EPILOGUE: *used = s.n; return OK;
	case BROKEN: return m->error;
	default: *used = 1; return take_boundary_line(m, s.p[0]);
	}
}

enum err
multipart_feed(struct multipart *m, struct str bytes, multipart_fn *on, void *owner)
{
	m->on = on;
	m->owner = owner;
	while (bytes.n > 0) {
		size_t used = 0;
		enum err e = take(m, bytes, &used);

		if (e != OK) {
			m->state = BROKEN;
			m->error = e;
			return e;
		}
		bytes = (struct str){bytes.p + used, bytes.n - used};
	}
	return OK;
}

enum err
multipart_end(struct multipart *m)
{
	if (m->state == BROKEN)
		return m->error;
	return m->state == EPILOGUE ? OK : ERR_BAD_REQUEST;
}
