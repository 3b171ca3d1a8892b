/* SPDX-License-Identifier: MIT */
#include "push/unfinished.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What unfinished.c asks of s3.c, which needs libcurl. */
void
s3_ask(struct s3_call *c, enum s3_method method, const char *key)
{
	(void)c;
	(void)method;
	(void)key;
}

void
s3_query(struct s3_call *c, const char *name, const char *value)
{
	(void)c;
	(void)name;
	(void)value;
}

void
s3_start(struct s3 *s, struct s3_call *c)
{
	(void)s;
	(void)c;
}

static void
only_uploads_of_this_object_are_found(void **state)
{
	static const char list[] =
	    "<L><Prefix>ab/1</Prefix><Upload><Key>ab/12</Key><UploadId>no</UploadId></Upload>"
	    "<Upload><Key>ab/1</Key><UploadId>yes</UploadId></Upload></L>";
	char id[UNFINISHED_ID_SIZE];

	(void)state;
	unfinished_find(STR(list), "ab/1", id);
	assert_string_equal(id, "yes");
	unfinished_find(STR(list), "ab/3", id);
	assert_string_equal(id, "");
	unfinished_find((struct str){NULL, 0}, "ab/1", id);
	assert_string_equal(id, "");
	unfinished_find(STR("<Upload>"), "ab/1", id);
	assert_string_equal(id, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_uploads_of_this_object_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
