/* SPDX-License-Identifier: MIT */
#include "api/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
kinds_by_their_first_bytes(void **state)
{
	const struct {
		struct str first;
		enum picture_kind kind;
	} all[] = {
	    {STR("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0"), PICTURE_JPEG},
	    {STR("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), PICTURE_PNG},
	    {STR("RIFF\x10\0\0\0WEBPVP8 "), PICTURE_WEBP},
	    {STR("GIF89a\1\0\1\0\0\0\0\0\0\0"), PICTURE_GIF},
	    {STR("\0\0\0\x1c"
		 "ftypavif\0\0\0\0"),
		PICTURE_HEIF},
	    {STR("\0\0\0\x1c"
		 "ftypheic\0\0\0\0"),
		PICTURE_HEIF},
	    {STR("\0\0\0\x1c"
		 "ftypisom\0\0\0\0"),
		PICTURE_NONE},
	    {STR("RIFF\x10\0\0\0WAVEfmt "), PICTURE_NONE},
	    {STR("<svg xmlns='http"), PICTURE_NONE},
	    {STR("II*\0\0\0\0\0\0\0\0\0\0\0\0\0"), PICTURE_NONE},
	    {STR("\xff\xd8"), PICTURE_NONE},
	    {STR(""), PICTURE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(picture_kind(all[i].first), all[i].kind);
}

static void
gif_ends_with_its_trailer(void **state)
{
	(void)state;
	assert_true(picture_ends(PICTURE_GIF, STR("\0\x02\x44\x01\0;")));
	assert_true(picture_ends(PICTURE_GIF, STR("\0;\0\0\0")));
	assert_false(picture_ends(PICTURE_GIF, STR("\0;alert(1)")));
	assert_false(picture_ends(PICTURE_GIF, STR("\0\0\0")));
	assert_false(picture_ends(PICTURE_GIF, STR("")));
	assert_true(picture_ends(PICTURE_JPEG, STR("whatever")));
}

#define HEADER(width, height, bands, space, loader, more)                                  \
	"/a/b: 1x1 uchar\nwidth: " width "\nheight: " height "\nbands: " bands             \
	"\nformat: uchar\ninterpretation: " space "\nfilename: /a/b\nvips-loader: " loader \
	"\n" more

static void
reads_what_vipsheader_prints(void **state)
{
	struct picture p;

	(void)state;
	assert_true(picture_read(
	    HEADER("4000", "3000", "3", "srgb", "jpegload", "orientation: 6\n"), PICTURE_JPEG, &p));
	assert_int_equal(p.width, 4000);
	assert_int_equal(p.height, 3000);
	assert_int_equal(p.frames, 1);
	assert_false(p.alpha);
	assert_true(picture_read(
	    HEADER("40", "30", "4", "srgb", "gifload", "n-pages: 12\n"), PICTURE_GIF, &p));
	assert_int_equal(p.frames, 12);
	assert_true(p.alpha);
	assert_true(picture_moves(&p));
	assert_true(picture_read(
	    HEADER("40", "30", "4", "cmyk", "jpegload", "n-pages: 1\n"), PICTURE_JPEG, &p));
	assert_false(p.alpha);
	assert_true(picture_read(HEADER("40", "30", "2", "b-w", "pngload", ""), PICTURE_PNG, &p));
	assert_true(p.alpha);
	assert_true(picture_read(
	    HEADER("40", "30", "3", "srgb", "heifload", "n-pages: 3\n"), PICTURE_HEIF, &p));
	assert_int_equal(p.frames, 1);
}

static void
takes_the_first_value_only(void **state)
{
	struct picture p;

	(void)state;
	assert_true(
	    picture_read(HEADER("9000", "8000", "3", "srgb", "pngload",
			     "png-comment-0: x\nwidth: 1\nheight: 1\nvips-loader: gifload\n"),
		PICTURE_PNG, &p));
	assert_int_equal(p.width, 9000);
	assert_int_equal(p.height, 8000);
}

static void
is_no_picture_if_the_header_says_otherwise(void **state)
{
	struct picture p;

	(void)state;
	assert_false(
	    picture_read(HEADER("40", "30", "3", "srgb", "magickload", ""), PICTURE_PNG, &p));
	assert_false(
	    picture_read(HEADER("40", "30", "3", "srgb", "pngload_source", ""), PICTURE_PNG, &p));
	assert_false(picture_read(HEADER("0", "30", "3", "srgb", "pngload", ""), PICTURE_PNG, &p));
	assert_false(picture_read(HEADER("x", "30", "3", "srgb", "pngload", ""), PICTURE_PNG, &p));
	assert_false(picture_read(HEADER("4", "3", "3", "srgb", "pngload", ""), PICTURE_NONE, &p));
	assert_false(picture_read("", PICTURE_PNG, &p));
}

static const char *
refused(unsigned width, unsigned height, unsigned frames)
{
	struct picture p = {PICTURE_GIF, width, height, frames, false};

	return picture_refused(&p);
}

static void
refuses_what_is_too_much(void **state)
{
	(void)state;
	assert_null(refused(1, 1, 1));
	assert_null(refused(10000, 5000, 1));
	assert_null(refused(400, 400, 300));
	assert_string_equal(refused(10000, 5001, 1), "It has more than 50 megapixels.");
	assert_string_equal(refused(20001, 1, 1), "It is more than 20,000 pixels wide or high.");
	assert_string_equal(refused(1, 40000, 1), "It is more than 20,000 pixels wide or high.");
	assert_string_equal(refused(1, 1, 301), "It has more than 300 frames.");
	assert_string_equal(
	    refused(500, 500, 300), "Its frames have more than 50 megapixels together.");
	assert_non_null(refused(INT32_MAX, INT32_MAX, INT32_MAX));
}

static void
makes_smaller_what_is_large_or_moves(void **state)
{
	struct picture still = {PICTURE_JPEG, 4000, 3000, 1, false};
	struct picture small = {PICTURE_JPEG, 40, 30, 1, false};
	struct picture moving = {PICTURE_GIF, 400, 400, 300, false};
	struct picture thin = {PICTURE_GIF, 20000, 1, 300, false};

	(void)state;
	assert_int_equal(picture_edge(&still), 2048);
	assert_int_equal(picture_edge(&small), 40);
	assert_int_equal(picture_edge(&moving), 200);
	assert_int_equal(picture_edge(&thin), 2048);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds_by_their_first_bytes),
	    cmocka_unit_test(gif_ends_with_its_trailer),
	    cmocka_unit_test(reads_what_vipsheader_prints),
	    cmocka_unit_test(takes_the_first_value_only),
	    cmocka_unit_test(is_no_picture_if_the_header_says_otherwise),
	    cmocka_unit_test(refuses_what_is_too_much),
	    cmocka_unit_test(makes_smaller_what_is_large_or_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
