/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* What a request carries beside its path: queries, forms and cookies, and bodies read through a
 * table of fields. The first byte says what the rest is: 0 a query and a cookie, 1 a value that is
 * encoded by the book and must come back, else a JSON body. */
#include "fuzz.h"

#include "api/query.h"
#include "api/req.h"
#include "api/strictjson.h"

#define NUMBER_MAX 1000

/* A request that has only these two. */
static void
check_request(struct arena *mem, struct str query, struct str cookie)
{
	struct req r = {.mem = *mem,
	    .query = arena_strndup(mem, query.p, query.n),
	    .env = {.cookie = arena_strndup(mem, cookie.p, cookie.n)}};
	const char *text;
	uint64_t number;
	enum err e;

	r.mem = *mem;
	e = req_query_number(&r, "after", 7, NUMBER_MAX, &number);
	CHECK(e == ERR_INVALID || (e == OK && number <= NUMBER_MAX));
	text = query_value(&r.mem, str_of(r.query), "after");
	CHECK(e == OK || (text != NULL && *text != '\0'));
	CHECK(text == NULL || strlen(text) <= query.n);
	text = req_cookie(&r, "refresh");
	CHECK(text == NULL || (strchr(text, ';') == NULL && strstr(r.env.cookie, text) != NULL &&
				  strstr(r.env.cookie, "refresh=") != NULL));
	*mem = r.mem;
}

static void
check_query(struct arena *mem, struct bytes *b)
{
	struct str cookie = take_text(b, 1), query = take_rest(b), own = alone(query);
	const char *value = query_value(mem, own, "name"), *decoded = query_decode(mem, own);

	CHECK(value == NULL || strlen(value) + sizeof("name=") - 1 <= own.n);
	CHECK(decoded == NULL || strlen(decoded) <= own.n);
	CHECK(own.n == 0 || decoded == NULL || memchr(own.p, '%', own.n) != NULL ||
	      str_eq(str_of(decoded), own));
	drop(own);
	check_request(mem, query, cookie);
}

/* application/x-www-form-urlencoded, every byte but letters escaped; plus: blanks as '+'. */
static const char *
encode(struct arena *mem, const char *text, bool plus)
{
	char *out = arena_alloc(mem, 3 * strlen(text) + 1), *p = out;

	for (; *text != '\0'; text++) {
		if (*text >= 'a' && *text <= 'z')
			*p++ = *text;
		else if (*text == ' ' && plus)
			*p++ = '+';
		else
			p += snprintf(p, 4, "%%%02X", (unsigned char)*text);
	}
	return out;
}

static void
check_encoded(struct arena *mem, struct bytes *b)
{
	struct str raw = take_rest(b);
	const char *text = arena_strndup(mem, raw.p, raw.n), *form, *value;

	form = arena_printf(mem, "a=1&nam=2&names=3&name=%s&name=other", encode(mem, text, true));
	value = query_value(mem, str_of(form), "name");
	CHECK(value != NULL && strcmp(value, text) == 0);
	value = query_decode(mem, str_of(encode(mem, text, false)));
	CHECK(value != NULL && strcmp(value, text) == 0);
}

struct input {
	const char *title, *name, *secret, *kind, *moment;
	int64_t seats;
	json_t *places;
};

static const struct field fields[] = {
    TEXT_FIELD(struct input, title, 1, 5, FIELD_REQUIRED | FIELD_LINE),
    NAME_FIELD(struct input, name, 3, 6, "abc_", 0),
    TEXT_FIELD(struct input, secret, 2, 4, FIELD_BYTES),
    WORD_FIELD(struct input, kind, "public|secret", 0),
    INT_FIELD(struct input, seats, -1, 100, 0),
    TIME_FIELD(struct input, moment, 0),
    PLACES_FIELD(struct input, places, 3, 4, 0),
    END_FIELD,
};

static size_t
count_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += (*s & '\xc0') != '\x80';
	return n;
}

static void
check_read(const struct input *in)
{
	CHECK(in->title != NULL && count_characters(in->title) >= 1 &&
	      count_characters(in->title) <= 5 && strpbrk(in->title, "\n\r\t\x1b\x7f") == NULL &&
	      strspn(in->title, " ") < strlen(in->title));
	CHECK(in->name == NULL || (strlen(in->name) >= 3 && strlen(in->name) <= 6 &&
				      strspn(in->name, "abc_") == strlen(in->name)));
	CHECK(in->secret == NULL || (strlen(in->secret) >= 2 && strlen(in->secret) <= 4));
	CHECK(
	    in->kind == NULL || strcmp(in->kind, "public") == 0 || strcmp(in->kind, "secret") == 0);
	CHECK(in->seats == FIELD_ABSENT || (in->seats >= -1 && in->seats <= 100));
	CHECK(in->moment == NULL || strlen(in->moment) == sizeof("2026-12-31T23:59:59.000Z") - 1);
	CHECK(json_array_size(in->places) <= 3);
}

static void
check_body(struct arena *mem, struct bytes *b)
{
	const char *why = NULL;
	struct str own = alone(take_rest(b));
	json_t *body = strictjson_parse(own, &why), *problems = json_array();
	struct input in = {0};

	if (json_is_object(body)) {
		bool ok = field_read(fields, body, &in, mem, problems);

		CHECK(ok == (json_array_size(problems) == 0));
		if (ok)
			check_read(&in);
	}
	json_decref(problems);
	json_decref(body);
	drop(own);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	struct arena mem;
	unsigned how = take(&b);

	fuzz_begin();
	arena_init(&mem);
	if (how == 0)
		check_query(&mem, &b);
	else if (how == 1)
		check_encoded(&mem, &b);
	else
		check_body(&mem, &b);
	arena_finish(&mem);
	return 0;
}
