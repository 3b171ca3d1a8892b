/* SPDX-License-Identifier: MIT */
/* Signatures as in https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern and what
 * follows it there; boxes by ISO/IEC 14496-12, EBML by RFC 8794, Ogg by RFC 3533. */
#include "sniff.h"

#include <stdbool.h>
#include <stdint.h>

/* What stands at a place of the file. */
struct signature {
	struct str bytes;
	size_t at;
	struct str more; /* and at another one */
	size_t more_at;
	enum sniff kind;
	const char *type;
};

static const struct signature signatures[] = {
    {{"\xff\xd8\xff", 3}, 0, {NULL, 0}, 0, SNIFF_IMAGE, "image/jpeg"},
    {{"\x89PNG\r\n\x1a\n", 8}, 0, {NULL, 0}, 0, SNIFF_IMAGE, "image/png"},
    {{"GIF87a", 6}, 0, {NULL, 0}, 0, SNIFF_IMAGE, "image/gif"},
    {{"GIF89a", 6}, 0, {NULL, 0}, 0, SNIFF_IMAGE, "image/gif"},
    {{"RIFF", 4}, 0, {"WEBPVP8", 7}, 8, SNIFF_IMAGE, "image/webp"},
    {{"RIFF", 4}, 0, {"WAVE", 4}, 8, SNIFF_AUDIO, "audio/wav"},
    {{"fLaC\0\0\0\x22", 8}, 0, {NULL, 0}, 0, SNIFF_AUDIO, "audio/flac"},
    {{"OggS\0", 5}, 0, {"\x01vorbis", 7}, 28, SNIFF_AUDIO, "audio/ogg"},
    {{"OggS\0", 5}, 0, {"OpusHead", 8}, 28, SNIFF_AUDIO, "audio/ogg"},
    {{"OggS\0", 5}, 0, {"Speex   ", 8}, 28, SNIFF_AUDIO, "audio/ogg"},
    {{"OggS\0", 5}, 0,
	{"\x7f"
	 "FLAC",
	    5},
	28, SNIFF_AUDIO, "audio/ogg"},
};

/* Brands in the ftyp box of what descends from QuickTime. The one with the lowest number of a file
 * decides: HEIF files are all mif1, and say among the others what is inside. */
static const struct brand {
	char name[5];
	enum sniff kind;
	const char *type;
} brands[] = {
    {"avif", SNIFF_IMAGE, "image/avif"},
    {"avis", SNIFF_IMAGE, "image/avif"},
    {"heic", SNIFF_IMAGE, "image/heic"},
    {"heix", SNIFF_IMAGE, "image/heic"},
    {"heim", SNIFF_IMAGE, "image/heic"},
    {"heis", SNIFF_IMAGE, "image/heic"},
    {"hevc", SNIFF_IMAGE, "image/heic"},
    {"hevx", SNIFF_IMAGE, "image/heic"},
    {"mif1", SNIFF_IMAGE, "image/heif"},
    {"msf1", SNIFF_IMAGE, "image/heif"},
    {"M4A ", SNIFF_AUDIO, "audio/mp4"},
    {"M4B ", SNIFF_AUDIO, "audio/mp4"},
    {"M4P ", SNIFF_AUDIO, "audio/mp4"},
    {"qt  ", SNIFF_VIDEO, "video/quicktime"},
    {"3gp4", SNIFF_VIDEO, "video/3gpp"},
    {"3gp5", SNIFF_VIDEO, "video/3gpp"},
    {"3gp6", SNIFF_VIDEO, "video/3gpp"},
    {"3gp7", SNIFF_VIDEO, "video/3gpp"},
    {"3g2a", SNIFF_VIDEO, "video/3gpp2"},
    {"M4V ", SNIFF_VIDEO, "video/mp4"},
    {"M4VH", SNIFF_VIDEO, "video/mp4"},
    {"M4VP", SNIFF_VIDEO, "video/mp4"},
    {"MSNV", SNIFF_VIDEO, "video/mp4"},
    {"avc1", SNIFF_VIDEO, "video/mp4"},
    {"dash", SNIFF_VIDEO, "video/mp4"},
    {"isom", SNIFF_VIDEO, "video/mp4"},
    {"iso2", SNIFF_VIDEO, "video/mp4"},
    {"iso3", SNIFF_VIDEO, "video/mp4"},
    {"iso4", SNIFF_VIDEO, "video/mp4"},
    {"iso5", SNIFF_VIDEO, "video/mp4"},
    {"iso6", SNIFF_VIDEO, "video/mp4"},
    {"iso7", SNIFF_VIDEO, "video/mp4"},
    {"iso8", SNIFF_VIDEO, "video/mp4"},
    {"iso9", SNIFF_VIDEO, "video/mp4"},
    {"mmp4", SNIFF_VIDEO, "video/mp4"},
    {"mp41", SNIFF_VIDEO, "video/mp4"},
    {"mp42", SNIFF_VIDEO, "video/mp4"},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool
stands_at(struct str s, size_t at, struct str bytes)
{
	return bytes.n == 0 || (s.n >= at + bytes.n && memcmp(s.p + at, bytes.p, bytes.n) == 0);
}

static uint32_t
big_endian(struct str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static const struct brand *
find_brand(const char *name)
{
	for (size_t i = 0; i < COUNT(brands); i++) {
		if (memcmp(brands[i].name, name, 4) == 0)
			return &brands[i];
	}
	return NULL;
}

/* The box says how long it is; after the main brand and its version come those that the file is
 * compatible with. The main one counts, unless it only says that there is some picture. */
static const struct brand *
sniff_ftyp(struct str s)
{
	const struct brand *best, *other;
	size_t n;

	if (s.n < 16 || !stands_at(s, 4, STR("ftyp")))
		return NULL;
	n = big_endian(s, 0);
	if (n < 16 || n % 4 != 0 || n > SNIFF_BYTES)
		return NULL;
	n = n < s.n ? n : s.n;
	best = find_brand(s.p + 8);
	if (best != NULL && strcmp(best->type, "image/heif") != 0)
		return best;
	for (size_t at = 16; at + 4 <= n; at += 4) {
		if ((other = find_brand(s.p + at)) != NULL && (best == NULL || other < best))
			best = other;
	}
	return best;
}

/* A number of EBML, whose first byte tells by its leading zeros how long it is. IDs keep the mark
 * of that length. False if it does not end within the text or is longer than max. */
static bool
read_vint(struct str s, size_t *at, unsigned max, bool id, uint64_t *out)
{
	unsigned n = 1, first;

	if (*at >= s.n)
		return false;
	first = (unsigned char)s.p[*at];
	while (n <= max && (first & (0x80U >> (n - 1))) == 0)
		n++;
	if (n > max || s.n - *at < n)
		return false;
	*out = id ? first : first & (0xffU >> n);
	for (unsigned i = 1; i < n; i++)
		*out = *out << 8 | (unsigned char)s.p[*at + i];
	*at += n;
	return true;
}

/* The DocType of the EBML header: "webm" or "matroska". Empty if there is none. */
static struct str
sniff_doctype(struct str s)
{
	uint64_t id, n;
	size_t at = 4;

	if (!stands_at(s, 0, STR("\x1a\x45\xdf\xa3")) || !read_vint(s, &at, 8, false, &n))
		return STR("");
	if (n < s.n - at)
		s.n = at + (size_t)n;
	while (read_vint(s, &at, 4, true, &id) && read_vint(s, &at, 8, false, &n)) {
		if (n > s.n - at)
			break;
		if (id == 0x4282)
			return (struct str){s.p + at, (size_t)n};
		at += (size_t)n;
	}
	return STR("");
}

/* The length of the MPEG audio frame of layer III that stands there; 0: none does. */
static size_t
mp3_frame(struct str s, size_t at)
{
	static const unsigned rates[2][15] = {
	    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	};
	static const unsigned hertz[3] = {44100, 48000, 32000};
	unsigned version, rate, sampling, head;

	if (s.n < at + 4)
		return 0;
	head = big_endian(s, at);
	version = head >> 19 & 3; /* 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5 */
	rate = head >> 12 & 15;
	sampling = head >> 10 & 3;
	if (head >> 21 != 0x7ff || version == 1 || (head >> 17 & 3) != 1 || rate == 0 ||
	    rate == 15 || sampling == 3)
		return 0;
	rate = rates[version != 3][rate] * 1000;
	sampling = hertz[sampling] / (version == 3 ? 1 : version == 2 ? 2 : 4);
	return (version == 3 ? 144 : 72) * rate / sampling + (head >> 9 & 1);
}

/* Four bytes may look like a frame by chance, so another one has to follow. */
static bool
is_mp3(struct str s)
{
	size_t n;

	if (stands_at(s, 0, STR("ID3")) && s.n >= 10 && s.p[3] >= 2 && s.p[3] <= 4)
		return true;
	n = mp3_frame(s, 0);
	return n > 0 && mp3_frame(s, n) > 0;
}

enum sniff
sniff_bytes(struct str first, const char **type)
{
	const struct brand *brand;
	struct str doctype;

	first.n = first.n < SNIFF_BYTES ? first.n : SNIFF_BYTES;
	for (size_t i = 0; i < COUNT(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (stands_at(first, s->at, s->bytes) && stands_at(first, s->more_at, s->more)) {
			*type = s->type;
			return s->kind;
		}
	}
	if ((brand = sniff_ftyp(first)) != NULL) {
		*type = brand->type;
		return brand->kind;
	}
	doctype = sniff_doctype(first);
	*type = str_eq(doctype, STR("webm")) ? "video/webm" : "video/x-matroska";
	if (str_eq(doctype, STR("webm")) || str_eq(doctype, STR("matroska")))
		return SNIFF_VIDEO;
	*type = is_mp3(first) ? "audio/mpeg" : "application/octet-stream";
	return is_mp3(first) ? SNIFF_AUDIO : SNIFF_OTHER;
}
