/* SPDX-License-Identifier: MIT */
/* link: api.a shared.a */
/* Forms with files: at once, byte by byte and in random pieces they say the same, and a body that
 * is made by the book says what was put in. The first byte chooses: 0 a body for the boundary "b",
 * 1 one with a Content-Type in front (its length first), 2 contents of parts. */
#include "fuzz.h"

#include "api/disposition.h"
#include "api/multipart.h"

#include <jansson.h>

/* What was heard, in a form in which pieces of content do not show. */
static enum err
hear(void *owner, const struct multipart_event *e)
{
	struct buf *heard = owner;

	switch (e->what) {
	case MULTIPART_PART:
		buf_printf(heard, "\nPART %s\1%s\1%s\n", e->name, e->filename, e->type);
		break;
	case MULTIPART_DATA:
		CHECK(e->data.n > 0);
		buf_add(heard, e->data.p, e->data.n);
		break;
	case MULTIPART_PART_END: buf_addstr(heard, "\nEND\n"); break;
	case MULTIPART_END: buf_addstr(heard, "\nLAST\n"); break;
	}
	return OK;
}

/* Pieces of 1 to most bytes; 0: all at once. */
static enum err
parse(struct arena *mem, const char *type, struct str body, size_t most, struct buf *heard)
{
	struct multipart *m = multipart_create(mem, type);

	buf_clear(heard);
	for (size_t n; body.n > 0; body = (struct str){body.p + n, body.n - n}) {
		struct str piece;
		enum err e;

		n = most == 0 ? body.n : 1 + fuzz_random() % most;
		n = n < body.n ? n : body.n;
		piece = alone((struct str){body.p, n});
		e = multipart_feed(m, piece, hear, heard);
		drop(piece);
		CHECK(e == OK || e == ERR_BAD_REQUEST);
		if (e != OK)
			return e;
	}
	return multipart_end(m);
}

static void
check_name(const struct str raw)
{
	struct buf b;
	struct arena mem;
	const char *name;
	json_t *json;

	arena_init(&mem);
	name = disposition_name(&mem, raw);
	json = json_string(name); /* NULL: it is no UTF-8 */
	CHECK(json != NULL && strlen(name) <= DISPOSITION_NAME_MAX &&
	      strpbrk(name, "/\\\r\n") == NULL);
	CHECK(strcmp(disposition_name(&mem, str_of(name)), name) == 0);
	json_decref(json);
	buf_init(&b, 8192);
	disposition_add(&b, true, name);
	CHECK(!b.full);
	for (size_t i = 0; i < b.n; i++)
		CHECK(b.p[i] >= ' ' && b.p[i] < 0x7f);
	buf_finish(&b);
	arena_finish(&mem);
}

static void
check_pieces(struct arena *mem, const char *type, struct str body)
{
	static const size_t most[] = {1, 2, 7, 100};
	struct buf whole, heard;
	enum err e;

	if (multipart_create(mem, type) == NULL)
		return;
	buf_init(&whole, (size_t)1 << 22);
	buf_init(&heard, (size_t)1 << 22);
	e = parse(mem, type, body, 0, &whole);
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		CHECK(parse(mem, type, body, most[i], &heard) == e);
		CHECK(str_eq((struct str){heard.p, heard.n}, (struct str){whole.p, whole.n}));
	}
	check_name((struct str){whole.p, whole.n < 2000 ? whole.n : 2000});
	buf_finish(&whole);
	buf_finish(&heard);
}

/* Contents, each with its length in front, are made into a form and must come out again. */
static void
check_contents(struct arena *mem, struct bytes *b)
{
	static const char type[] =
	    "multipart/form-data; boundary=\"a boundary that does not come\"";
	static const char line[] = "--a boundary that does not come";
	struct buf body, expected, heard;

	buf_init(&body, (size_t)1 << 22);
	buf_init(&expected, (size_t)1 << 22);
	buf_init(&heard, (size_t)1 << 22);
	for (int i = 0; i < MULTIPART_PARTS_MAX && b->n > 0; i++) {
		struct str content = take_text(b, 1);

		if (memmem(content.p, content.n, line, strlen(line)) != NULL)
			continue;
		buf_printf(
		    &body, "%s\r\nContent-Disposition: form-data; name=\"%d\"\r\n\r\n", line, i);
		buf_add(&body, content.p, content.n);
		buf_addstr(&body, "\r\n");
		buf_printf(&expected, "\nPART %d\1\1\n", i);
		buf_add(&expected, content.p, content.n);
		buf_addstr(&expected, "\nEND\n");
	}
	buf_printf(&body, "%s--\r\n", line);
	buf_addstr(&expected, "\nLAST\n");
	for (size_t most = 0; most < 4; most++) {
		CHECK(parse(mem, type, (struct str){body.p, body.n}, most, &heard) == OK);
		CHECK(str_eq((struct str){heard.p, heard.n}, (struct str){expected.p, expected.n}));
	}
	buf_finish(&body);
	buf_finish(&expected);
	buf_finish(&heard);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = {data, size};
	uint8_t choice = take(&b) % 3;
	struct arena mem;
	struct str type;

	fuzz_begin();
	arena_init(&mem);
	if (choice == 2) {
		check_contents(&mem, &b);
	} else {
		type = choice == 1 ? take_text(&b, 1) : STR("multipart/form-data; boundary=b");
		check_pieces(&mem, arena_strndup(&mem, type.p, type.n), take_rest(&b));
	}
	arena_finish(&mem);
	return 0;
}
