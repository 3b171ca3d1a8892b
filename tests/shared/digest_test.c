/* SPDX-License-Identifier: MIT */
#include "shared/digest.h"

#include "shared/crypt.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
checksums_are_those_of_the_standards(void **state)
{
	struct digest *d = digest_create();
	struct digest_sums sums;

	(void)state;
	digest_end(d, &sums);
	assert_string_equal(sums.md5, "d41d8cd98f00b204e9800998ecf8427e");
	assert_string_equal(
	    sums.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_reset(d);
	digest_add(d, "a", 1);
	digest_add(d, "bc", 2);
	digest_end(d, &sums);
	assert_string_equal(sums.md5, "900150983cd24fb0d6963f7d28e17f72");
	assert_string_equal(
	    sums.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_destroy(d);
}

static void
a_piece_of_a_file_is_the_same(void **state)
{
	struct digest *d = digest_create();
	struct digest_sums one, other;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 50000; i++)
		assert_true(fprintf(file, "%d,", i) > 0);
	assert_int_equal(fflush(file), 0);
	assert_true(digest_add_file(d, fileno(file), 2, 2));
	digest_end(d, &one);
	digest_reset(d);
	digest_add(d, "1,", 2);
	digest_end(d, &other);
	assert_string_equal(one.sha256, other.sha256);
	assert_true(digest_add_file(d, fileno(file), 0, 200000));
	errno = 1;
	assert_false(digest_add_file(d, fileno(file), 0, 2000000));
	assert_int_equal(errno, 0);
	assert_false(digest_add_file(d, -1, 0, 1));
	assert_int_equal(errno, EBADF);
	(void)fclose(file);
	digest_destroy(d);
}

#define X20(c)  c c c c c c c c c c c c c c c c c c c c
#define X80(c)  X20(c) X20(c) X20(c) X20(c)
#define LONGER  "Test Using Larger Than Block-Size Key - Hash Key First"
#define LONGEST "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"

/* RFC 2202, section 3; and nothing with nothing. */
static void
keyed_checksums_are_those_of_the_standard(void **state)
{
	const struct {
		struct str key, data;
		const char *hmac;
	} cases[] = {
	    {STR(X20("\x0b")), STR("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"},
	    {STR("Jefe"), STR("what do ya want for nothing?"),
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	    {STR(X20("\xaa")), {X80("\xdd"), 50}, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
	    {STR("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"
		 "\x14\x15\x16\x17\x18\x19"),
		{X80("\xcd"), 50}, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
	    {STR(X20("\x0c")), STR("Test With Truncation"),
		"4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
	    {STR(X80("\xaa")), STR(LONGER), "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	    {STR(X80("\xaa")), STR(LONGEST), "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
	    {STR(""), STR(""), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char hmac[DIGEST_SHA1];
		char text[2 * DIGEST_SHA1 + 1];

		digest_hmac_sha1(cases[i].key, cases[i].data, hmac);
		crypt_hex(hmac, sizeof(hmac), text);
		assert_string_equal(text, cases[i].hmac);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checksums_are_those_of_the_standards),
	    cmocka_unit_test(a_piece_of_a_file_is_the_same),
	    cmocka_unit_test(keyed_checksums_are_those_of_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
