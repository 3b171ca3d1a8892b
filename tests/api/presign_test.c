/* SPDX-License-Identifier: MIT */
#include "api/presign.h"

#include "shared/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OBJECT "0123456789abcdef0123456789abcdef_320"

static struct conf conf;
static struct req r;

static int
start(void **state)
{
	(void)state;
	arena_init(&r.mem);
	r.conf = &conf;
	conf = (struct conf){
	    .s3_endpoint = "https://s3.example.org",
	    .s3_bucket = "talk",
	    .s3_region = "us-east-1",
	    .s3_access_key = "AKIDEXAMPLE",
	    .s3_secret_key = "secret",
	    .s3_prefix = "maru/",
	    .s3_path_style = true,
	};
	return crypt_init() ? 0 : -1;
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&r.mem);
	return 0;
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
static void
the_example_of_aws_is_signed_the_same(void **state)
{
	const struct presign p = {
	    .host = "examplebucket.s3.amazonaws.com",
	    .path = "/test.txt",
	    .region = "us-east-1",
	    .access_key = "AKIAIOSFODNN7EXAMPLE",
	    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	    .type = "",
	    .disposition = "",
	    .now = 1369353600,
	    .seconds = 86400,
	};

	(void)state;
	assert_string_equal(presign_query(&r.mem, &p).p,
	    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
	    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
	    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
	    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/* The signature was made with botocore's S3SigV4QueryAuth. */
static void
what_s3_shall_answer_is_signed(void **state)
{
	const struct presign p = {
	    .host = "localhost:9000",
	    .path = "/talk/ab/abcdef_320",
	    .region = "ap-northeast-2",
	    .access_key = "test:tester",
	    .secret_key = "testing/+=",
	    .type = "text/plain; charset=utf-8",
	    .disposition =
		"attachment; filename=\"_ _.txt\"; filename*=UTF-8''%EA%B0%80%20%EB%82%98.txt",
	    .now = 1700000000,
	    .seconds = 60,
	};

	(void)state;
	assert_string_equal(presign_query(&r.mem, &p).p,
	    "/talk/ab/abcdef_320?X-Amz-Algorithm=AWS4-HMAC-SHA256"
	    "&X-Amz-Credential=test%3Atester%2F20231114%2Fap-northeast-2%2Fs3%2Faws4_request"
	    "&X-Amz-Date=20231114T221320Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
	    "&response-content-disposition=attachment%3B%20filename%3D%22_%20_.txt%22%3B%"
	    "20filename%2A"
	    "%3DUTF-8%27%27%25EA%25B0%2580%2520%25EB%2582%2598.txt"
	    "&response-content-type=text%2Fplain%3B%20charset%3Dutf-8"
	    "&X-Amz-Signature=a90d6cca5a3e7de83d83704718228740323f7c801c4bf77fdcc1c4e247626c99");
}

static void
assert_address(const char *host, const char *path)
{
	struct str got = presign_get(&r, OBJECT, "image/webp", "", 60);

	assert_string_equal(presign_host(&r), host);
	assert_non_null(got.p);
	assert_int_equal(strcspn(got.p, "?"), strlen(path));
	assert_memory_equal(got.p, path, strlen(path));
	assert_non_null(strstr(got.p, "&response-content-type=image%2Fwebp&"));
	assert_null(strstr(got.p, "disposition"));
}

static void
the_bucket_is_in_the_path_or_in_the_host(void **state)
{
	(void)state;
	assert_address("s3.example.org", "/talk/maru/01/" OBJECT);
	conf.s3_path_style = false;
	assert_address("talk.s3.example.org", "/maru/01/" OBJECT);
	conf.s3_endpoint = "https://s3.example.org:443/";
	assert_address("talk.s3.example.org", "/maru/01/" OBJECT);
	conf.s3_endpoint = "http://s3.example.org:443";
	assert_address("talk.s3.example.org:443", "/maru/01/" OBJECT);
	conf.s3_endpoint = "http://127.0.0.1:8000";
	conf.s3_path_style = true;
	conf.s3_prefix = "";
	assert_address("127.0.0.1:8000", "/talk/01/" OBJECT);
}

static void
what_can_be_read_otherwise_is_not_signed(void **state)
{
	static const char *const bad[] = {
	    "ab c", "ab?c", "ab%41", "ab/../c", "ab//c", "가나", "ab\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(presign_get(&r, bad[i], "", "", 60).p);
	conf.s3_endpoint = "";
	assert_null(presign_get(&r, OBJECT, "", "", 60).p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_example_of_aws_is_signed_the_same, start, finish),
	    cmocka_unit_test_setup_teardown(what_s3_shall_answer_is_signed, start, finish),
	    cmocka_unit_test_setup_teardown(
		the_bucket_is_in_the_path_or_in_the_host, start, finish),
	    cmocka_unit_test_setup_teardown(
		what_can_be_read_otherwise_is_not_signed, start, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
