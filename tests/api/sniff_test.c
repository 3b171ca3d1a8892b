/* SPDX-License-Identifier: MIT */
#include "api/sniff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define OTHER "application/octet-stream"

static void
assert_kind(struct str first, enum sniff kind, const char *type)
{
	const char *found = NULL;

	assert_int_equal(sniff_bytes(first, &found), kind);
	assert_string_equal(found, type);
}

static void
pictures_are_known(void **state)
{
	(void)state;
	assert_kind(STR("\xff\xd8\xff\xe0\0\x10JFIF"), SNIFF_IMAGE, "image/jpeg");
	assert_kind(STR("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), SNIFF_IMAGE, "image/png");
	assert_kind(STR("GIF89a\1\0\1\0"), SNIFF_IMAGE, "image/gif");
	assert_kind(STR("GIF87a\1\0\1\0"), SNIFF_IMAGE, "image/gif");
	assert_kind(STR("RIFF\x24\0\0\0WEBPVP8X"), SNIFF_IMAGE, "image/webp");
	assert_kind(STR("\0\0\0\x1c"
			"ftypavif\0\0\0\0avifmif1miaf"),
	    SNIFF_IMAGE, "image/avif");
	assert_kind(STR("\0\0\0\x18"
			"ftypheic\0\0\0\0mif1heic"),
	    SNIFF_IMAGE, "image/heic");
	assert_kind(STR("\0\0\0\x1c"
			"ftypmif1\0\0\0\0miafmif1avif"),
	    SNIFF_IMAGE, "image/avif");
	assert_kind(STR("\0\0\0\x18"
			"ftypmif1\0\0\0\0mif1heic"),
	    SNIFF_IMAGE, "image/heic");
	assert_kind(STR("\0\0\0\x14"
			"ftypmif1\0\0\0\0mif1"),
	    SNIFF_IMAGE, "image/heif");
}

static void
videos_are_known(void **state)
{
	(void)state;
	assert_kind(STR("\0\0\0\x20"
			"ftypisom\0\0\2\0isomiso2avc1mp41"),
	    SNIFF_VIDEO, "video/mp4");
	assert_kind(STR("\0\0\0\x18"
			"ftypM4V \0\0\0\1M4V mp42"),
	    SNIFF_VIDEO, "video/mp4");
	assert_kind(STR("\0\0\0\x14"
			"ftypqt  \0\0\2\0qt  "),
	    SNIFF_VIDEO, "video/quicktime");
	assert_kind(STR("\0\0\0\x14"
			"ftypXXXX\0\0\2\0mp42"),
	    SNIFF_VIDEO, "video/mp4");
	assert_kind(STR("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42"
			"\xf3\x81\x08"
			"\x42\x82\x84webm\x42\x87\x81\x04"),
	    SNIFF_VIDEO, "video/webm");
	assert_kind(STR("\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x0b\x42\x82\x88matroska"), SNIFF_VIDEO,
	    "video/x-matroska");
}

static void
sound_is_known(void **state)
{
	char frames[500] =
	    "\xff\xfb\x90\x00"; /* MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes */

	(void)state;
	assert_kind((struct str){frames, sizeof(frames)}, SNIFF_OTHER, OTHER);
	memcpy(frames + 417, "\xff\xfb\x92\x00", 4);
	assert_kind((struct str){frames, sizeof(frames)}, SNIFF_AUDIO, "audio/mpeg");
	assert_kind((struct str){frames, 420}, SNIFF_OTHER, OTHER);
	assert_kind(STR("ID3\4\0\0\0\0\0\x0a"), SNIFF_AUDIO, "audio/mpeg");
	assert_kind(STR("RIFF\x24\0\0\0WAVEfmt "), SNIFF_AUDIO, "audio/wav");
	assert_kind(STR("fLaC\0\0\0\x22\x10\0"), SNIFF_AUDIO, "audio/flac");
	assert_kind(STR("\0\0\0\x14"
			"ftypM4A \0\0\0\0M4A "),
	    SNIFF_AUDIO, "audio/mp4");
	assert_kind(STR("OggS\0\2\0\0\0\0\0\0\0\0abcd\0\0\0\0efgh\1\x13OpusHead\1"), SNIFF_AUDIO,
	    "audio/ogg");
	assert_kind(STR("OggS\0\2\0\0\0\0\0\0\0\0abcd\0\0\0\0efgh\1\x1e\x01vorbis"), SNIFF_AUDIO,
	    "audio/ogg");
}

static void
everything_else_is_other(void **state)
{
	(void)state;
	assert_kind(STR(""), SNIFF_OTHER, OTHER);
	assert_kind((struct str){NULL, 0}, SNIFF_OTHER, OTHER);
	assert_kind(STR("<svg xmlns='http://www.w3.org/2000/svg'/>"), SNIFF_OTHER, OTHER);
	assert_kind(STR("<!doctype html>"), SNIFF_OTHER, OTHER);
	assert_kind(STR("%PDF-1.7"), SNIFF_OTHER, OTHER);
	assert_kind(STR("PK\3\4"), SNIFF_OTHER, OTHER);
	assert_kind(STR("\xff\xd8"), SNIFF_OTHER, OTHER);
	assert_kind(STR("RIFF\x24\0\0\0AVI LIST"), SNIFF_OTHER, OTHER);
	assert_kind(
	    STR("OggS\0\2\0\0\0\0\0\0\0\0abcd\0\0\0\0efgh\1\x2a\x80theora"), SNIFF_OTHER, OTHER);
}

static void
boxes_and_headers_must_be_whole(void **state)
{
	(void)state;
	assert_kind(STR("\0\0\0\x14"
			"ftypXXXX\0\0\2\0mp4"),
	    SNIFF_OTHER, OTHER);
	assert_kind(STR("\0\0\0\x10"
			"ftypXXXX\0\0\2\0mp42"),
	    SNIFF_OTHER, OTHER);
	assert_kind(STR("\xff\0\0\x14"
			"ftypisom\0\0\2\0isom"),
	    SNIFF_OTHER, OTHER);
	assert_kind(STR("\0\0\0\x15"
			"ftypisom\0\0\2\0isom1"),
	    SNIFF_OTHER, OTHER);
	assert_kind(STR("\x1a\x45\xdf\xa3\x87\x42\x82\x84web"), SNIFF_OTHER, OTHER);
	assert_kind(STR("\x1a\x45\xdf\xa3\x84\x42\x82\x84webm"), SNIFF_OTHER, OTHER);
	assert_kind(STR("\x1a\x45\xdf\xa3\x89\x42\x82\x84webm\0\0"), SNIFF_VIDEO, "video/webm");
	assert_kind(STR("\x1a\x45\xdf\xa3\x87\x42\x82\x84xebm"), SNIFF_OTHER, OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pictures_are_known),
	    cmocka_unit_test(videos_are_known),
	    cmocka_unit_test(sound_is_known),
	    cmocka_unit_test(everything_else_is_other),
	    cmocka_unit_test(boxes_and_headers_must_be_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
