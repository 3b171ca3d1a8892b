/* SPDX-License-Identifier: MIT */
#include "shared/digest.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(checksums_are_those_of_the_standards),
	    cmocka_unit_test(a_piece_of_a_file_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
