/* SPDX-License-Identifier: MIT */
#include "shared/s3fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
assert_judged(long status, const char *body, enum s3_trouble trouble, const char *why)
{
	struct s3_call c = {.status = status};

	buf_init(&c.answer, 10000);
	buf_addstr(&c.answer, body);
	s3fault_judge(&c, S3_ANSWERED, "");
	assert_int_equal(c.trouble, trouble);
	assert_string_equal(c.why, why);
	buf_finish(&c.answer);
}

static void
answers_are_judged(void **state)
{
	(void)state;
	assert_judged(200, "", S3_FINE, "");
	assert_judged(204, "", S3_FINE, "");
	assert_judged(200, "<Error><Code>InternalError</Code><Message>x&lt;y</Message></Error>",
	    S3_SERVER, "it has a fault of its own (HTTP 200 InternalError: x<y)");
	assert_judged(200, "<Error>", S3_OBJECT, "it does not take this (HTTP 200)");
	assert_judged(400, "<Error><Code>BadDigest</Code></Error>", S3_OBJECT,
	    "it does not take this (HTTP 400 BadDigest)");
	assert_judged(400, "<Error><Code>AuthorizationHeaderMalformed</Code></Error>", S3_SERVER,
	    "s3_region is wrong (HTTP 400 AuthorizationHeaderMalformed)");
	assert_judged(
	    403, "", S3_SERVER, "s3_access_key, s3_secret_key or its rights are wrong (HTTP 403)");
	assert_judged(404, "<Error><Code>NoSuchKey</Code></Error>", S3_OBJECT,
	    "it is not there (HTTP 404 NoSuchKey)");
	assert_judged(404, "<Error><Code>NoSuchBucket</Code></Error>", S3_SERVER,
	    "there is no such bucket; check s3_bucket, or create it (HTTP 404 NoSuchBucket)");
	assert_judged(429, "", S3_SERVER, "it is not available, or asks to slow down (HTTP 429)");
	assert_judged(599, "<html>", S3_SERVER, "it has a fault of its own (HTTP 599)");
}

static void
silence_concerns_all_but_a_local_file(void **state)
{
	struct s3_call c = {.error = "why"};

	(void)state;
	for (enum s3_silence i = S3_NO_NAME; i <= S3_NO_FILE; i++) {
		s3fault_judge(&c, i, "");
		assert_int_equal(c.trouble, i == S3_NO_FILE ? S3_OBJECT : S3_SERVER);
		assert_non_null(strstr(c.why, " (why)"));
	}
}

static void
elements_are_found(void **state)
{
	char out[8];

	(void)state;
	assert_true(s3fault_element(STR("<a><b>x&amp;y</b><b>z</b>"), "b", out, sizeof(out)));
	assert_string_equal(out, "x&y");
	assert_true(s3fault_element(STR("<b></b>"), "b", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_true(s3fault_element(STR("<b>&x;&</b>"), "b", out, sizeof(out)));
	assert_string_equal(out, "&x;&");
	assert_false(s3fault_element(STR("<b>12345678</b>"), "b", out, sizeof(out)));
	assert_false(s3fault_element(STR("<b>1"), "b", out, sizeof(out)));
	assert_false(s3fault_element(STR("<b"), "b", out, sizeof(out)));
	assert_false(s3fault_element((struct str){NULL, 0}, "b", out, sizeof(out)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_judged),
	    cmocka_unit_test(silence_concerns_all_but_a_local_file),
	    cmocka_unit_test(elements_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
