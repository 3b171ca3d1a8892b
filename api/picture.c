/* SPDX-License-Identifier: MIT */
#include "picture.h"

#include <stdint.h>
#include <stdlib.h>

/* Pixels of all frames of a moving picture that is kept. What has more is made smaller: reading 50
 * million takes half of the time that there is, and writing as many does not fit into the rest. */
#define MOVING_PIXELS 12000000

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- its bytes ---- */

static bool
has(struct str bytes, size_t at, struct str what)
{
	return bytes.n >= at + what.n && memcmp(bytes.p + at, what.p, what.n) == 0;
}

static bool
is_heif(struct str first)
{
	static const char *const brands[] = {
	    "avif", "avis", "heic", "heix", "heim", "heis", "mif1", "msf1"};

	for (size_t i = 0; has(first, 4, STR("ftyp")) && i < COUNT(brands); i++) {
		if (has(first, 8, str_of(brands[i])))
			return true;
	}
	return false;
}

enum picture_kind
picture_kind(struct str first)
{
	if (has(first, 0, STR("\xff\xd8\xff")))
		return PICTURE_JPEG;
	if (has(first, 0, STR("\x89PNG\r\n\x1a\n")))
		return PICTURE_PNG;
	if (has(first, 0, STR("RIFF")) && has(first, 8, STR("WEBP")))
		return PICTURE_WEBP;
	if (has(first, 0, STR("GIF87a")) || has(first, 0, STR("GIF89a")))
		return PICTURE_GIF;
	return is_heif(first) ? PICTURE_HEIF : PICTURE_NONE;
}

bool
picture_ends(enum picture_kind kind, struct str last)
{
	if (kind != PICTURE_GIF)
		return true;
	/* Some programs fill up with zeros. */
	while (last.n > 0 && last.p[last.n - 1] == '\0')
		last.n--;
	return last.n > 0 && last.p[last.n - 1] == ';';
}

/* ---- its header ---- */

/* The value in the first line "name: value"; texts that strangers wrote come later. NULL: none. */
static const char *
value_of(const char *header, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = header; line != NULL; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, n) == 0 && line[n] == ':' && line[n + 1] == ' ')
			return line + n + 2;
	}
	return NULL;
}

/* 0 if there is none. */
static unsigned
number_of(const char *header, const char *name)
{
	const char *value = value_of(header, name);
	unsigned long n = value == NULL ? 0 : strtoul(value, NULL, 10);

	return n > INT32_MAX ? INT32_MAX : (unsigned)n;
}

static bool
is_word(const char *value, const char *word)
{
	size_t n = strlen(word);

	return value != NULL && strncmp(value, word, n) == 0 &&
	       (value[n] == '\n' || value[n] == '\0');
}

static bool
has_alpha(const char *header)
{
	unsigned bands = number_of(header, "bands");
	const char *space = value_of(header, "interpretation");

	return is_word(space, "cmyk") ? bands > 4 : bands == 2 || bands > 3;
}

bool
picture_read(const char *header, enum picture_kind kind, struct picture *out)
{
	static const char *const loaders[] = {[PICTURE_JPEG] = "jpegload",
	    [PICTURE_PNG] = "pngload",
	    [PICTURE_WEBP] = "webpload",
	    [PICTURE_GIF] = "gifload",
	    [PICTURE_HEIF] = "heifload"};

	*out = (struct picture){.kind = kind,
	    .width = number_of(header, "width"),
	    .height = number_of(header, "height"),
	    .frames = number_of(header, "n-pages"),
	    .alpha = has_alpha(header)};
	/* Of HEIF these are pictures beside the one that is shown. */
	if (out->frames == 0 || kind == PICTURE_HEIF)
		out->frames = 1;
	return kind != PICTURE_NONE && is_word(value_of(header, "vips-loader"), loaders[kind]) &&
	       out->width > 0 && out->height > 0;
}

/* ---- whether it is decoded, and to what ---- */

static uint64_t
pixels_of(const struct picture *p)
{
	return (uint64_t)p->width * p->height * p->frames;
}

const char *
picture_refused(const struct picture *p)
{
	/* Before anything is multiplied. */
	if (p->width > PICTURE_EDGE_MAX || p->height > PICTURE_EDGE_MAX)
		return "It is more than 20,000 pixels wide or high.";
	if (p->frames > PICTURE_FRAMES_MAX)
		return "It has more than 300 frames.";
	if (pixels_of(p) > PICTURE_PIXELS_MAX)
		return p->frames > 1 ? "Its frames have more than 50 megapixels together."
				     : "It has more than 50 megapixels.";
	return NULL;
}

bool
picture_moves(const struct picture *p)
{
	return p->frames > 1;
}

unsigned
picture_edge(const struct picture *p)
{
	uint64_t longer = p->width > p->height ? p->width : p->height, edge = longer;

	if (picture_moves(p)) {
		while (edge > 1 && pixels_of(p) * edge / longer * edge / longer > MOVING_PIXELS)
			edge--;
	}
	return edge > PICTURE_LONG_EDGE ? PICTURE_LONG_EDGE : (unsigned)edge;
}
