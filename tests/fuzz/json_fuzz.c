/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* JSON from strangers: what strictjson accepts is no deeper than it says, has every key once and no
 * NUL, and is the same after it was written and read again. Whoever writes JSON by hand (buf.h)
 * writes the bytes that jansson would. */
#include "fuzz.h"

#include "api/strictjson.h"
#include "shared/depth.h"

static unsigned
deeper(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* buf_addjson() against jansson. */
static void
check_text(const char *p, size_t n)
{
	json_t *value = json_stringn(p, n);
	char *wanted = json_dumps(value, JSON_ENCODE_ANY);
	struct buf b;

	CHECK(wanted != NULL && memchr(p, '\0', n) == NULL);
	buf_init(&b, 1 << 20);
	buf_addch(&b, '"');
	buf_addjson(&b, p, n);
	buf_addch(&b, '"');
	CHECK(!b.full && strcmp(b.p, wanted) == 0);
	buf_finish(&b);
	free(wanted);
	json_decref(value);
}

/* Looks at every value; returns the depth, and counts the members of objects. */
static unsigned
check_value(json_t *v, size_t *members)
{
	unsigned depth = 0;
	const char *key;
	json_t *inner;
	size_t i;

	if (json_is_string(v))
		check_text(json_string_value(v), json_string_length(v));
	json_array_foreach (v, i, inner)
		depth = deeper(depth, check_value(inner, members));
	json_object_foreach (v, key, inner) {
		check_text(key, strlen(key));
		(*members)++;
		depth = deeper(depth, check_value(inner, members));
	}
	return depth + (json_is_array(v) || json_is_object(v));
}

/* Every member has its colon outside of strings: if there are more, a key was there twice. */
static size_t
count_colons(struct str text)
{
	bool quoted = false;
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (quoted && text.p[i] == '\\')
			i++;
		else if (text.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && text.p[i] == ':')
			n++;
	}
	return n;
}

static void
check_accepted(json_t *v, struct str text)
{
	const char *why = NULL;
	size_t members = 0;
	char *again = json_dumps(v, JSON_ENCODE_ANY);
	json_t *same;

	CHECK(check_value(v, &members) <= DEPTH_MAX && members == count_colons(text));
	CHECK(again != NULL);
	same = strictjson_parse(str_of(again), &why);
	CHECK(same != NULL && json_equal(v, same));
	json_decref(same);
	free(again);
}

/* What is refused for its depth only is deep. */
static void
check_refused(struct str text)
{
	json_t *v = text.n > 2000 ? NULL : json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
	size_t members = 0;

	if (v == NULL)
		return;
	if (!depth_is_fine(text))
		CHECK(check_value(v, &members) > DEPTH_MAX);
	else
		CHECK(check_value(v, &members) <= DEPTH_MAX && members < count_colons(text));
	json_decref(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = alone((struct str){(const char *)data, size});
	const char *why = NULL;
	json_t *v;

	fuzz_begin();
	if ((v = strictjson_parse(text, &why)) != NULL) {
		check_accepted(v, text);
	} else {
		CHECK(why != NULL && *why != '\0');
		check_refused(text);
	}
	json_decref(v);
	drop(text);
	return 0;
}
