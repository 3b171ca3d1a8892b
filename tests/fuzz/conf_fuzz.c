/* SPDX-License-Identifier: MIT */
/* link: shared.a */
/* The settings: any file either parses, or says in whole lines what is wrong with it; numbers stay
 * in their ranges; and what was read is read again from a file that is written of it. */
#include "fuzz.h"

#include "shared/conf.h"

#define NAME       "fuzz.conf"
#define ERRORS_MAX ((size_t)4 << 20)

/* Each line of the errors begins with the file's name. */
static void
check_errors(const struct buf *errors)
{
	const char *p = errors->p;

	CHECK(!errors->full);
	while (p != NULL && *p != '\0') {
		CHECK(strncmp(p, NAME ":", sizeof(NAME)) == 0);
		p = strchr(p, '\n');
		CHECK(p != NULL);
		p++;
	}
}

static void
check_ranges(const struct conf *c)
{
#define TEXT(name, value, help)             CHECK(c->name != NULL && strchr(c->name, '\n') == NULL);
#define NUMBER(name, value, min, max, help) CHECK(c->name >= (min) && c->name <= (max));
#define FLAG(name, value, help)
#include "shared/conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
}

static void
write_all(const struct conf *c, struct buf *out)
{
#define TEXT(name, value, help)             buf_printf(out, #name " = \"%s\"\n", c->name);
#define NUMBER(name, value, min, max, help) buf_printf(out, #name "=%lld\n", (long long)c->name);
#define FLAG(name, value, help)             buf_printf(out, #name "\t=\t%s\n", c->name ? "on" : "off");
#include "shared/conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
}

static bool
is_same(const struct conf *a, const struct conf *b)
{
	bool same = true;

#define TEXT(name, value, help)             same = same && strcmp(a->name, b->name) == 0;
#define NUMBER(name, value, min, max, help) same = same && a->name == b->name;
#define FLAG(name, value, help)             same = same && a->name == b->name;
#include "shared/conf.def"
#undef TEXT
#undef NUMBER
#undef FLAG
	return same;
}

/* What was read can be written and read again. */
static void
check_again(const struct conf *c)
{
	struct buf text, errors;
	struct conf again;

	buf_init(&text, ERRORS_MAX);
	buf_init(&errors, ERRORS_MAX);
	write_all(c, &text);
	conf_init(&again);
	CHECK(conf_parse(&again, NAME, (struct str){text.p, text.n}, &errors));
	CHECK(errors.n == 0 && is_same(c, &again));
	conf_finish(&again);
	buf_finish(&text);
	buf_finish(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = alone((struct str){(const char *)data, size});
	struct buf errors;
	struct conf c;
	bool ok;

	fuzz_begin();
	buf_init(&errors, ERRORS_MAX);
	conf_init(&c);
	ok = conf_parse(&c, NAME, text, &errors);
	CHECK(ok == (errors.n == 0));
	check_ranges(&c);
	check_again(&c);
	ok = conf_check(&c, NAME, &errors) && ok;
	CHECK(ok == (errors.n == 0));
	check_errors(&errors);
	conf_finish(&c);
	buf_finish(&errors);
	drop(text);
	return 0;
}
