/* SPDX-License-Identifier: MIT */
#include "said.h"

#include "gram.h"
#include "row.h"

#include <string.h>

#define POINT_BITS 21
#define POINT_MASK ((UINT64_C(1) << POINT_BITS) - 1)
#define SENDERS    (UINT64_C(1) << 62)
#define MARKS      (UINT64_C(1) << 61)

struct range {
	uint32_t first, last;
};

/* Scripts that are written without blanks, or with and without. */
static const struct range dense[] = {
    {0x0e00, 0x0eff},   /* Thai, Lao */
    {0x1000, 0x109f},   /* Myanmar */
    {0x1100, 0x11ff},   /* Hangul, single letters */
    {0x1780, 0x17ff},   /* Khmer */
    {0x2e80, 0xa4cf},   /* CJK and its punctuation, kana, letters of Hangul, Yi */
    {0xa960, 0xa97f},   /* Hangul */
    {0xac00, 0xd7ff},   /* its syllables */
    {0xf900, 0xfaff},   /* CJK */
    {0x1b000, 0x1b2ff}, /* kana */
    {0x20000, 0x3ffff}, /* CJK */
};

/* The character at *p, of a text that is UTF-8; moves *p behind it. */
static uint32_t
next_point(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	unsigned more = s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? s[0] : s[0] & (0x3fU >> more);

	for (unsigned i = 1; i <= more && s[i] != '\0'; i++)
		c = c << 6 | (s[i] & 0x3f);
	do
		(*p)++;
	while (more-- > 0 && **p != '\0');
	return c;
}

static bool
is_dense(uint32_t c)
{
	if (c < dense[0].first)
		return false;
	for (size_t i = 0; i < sizeof(dense) / sizeof(dense[0]); i++)
		if (c >= dense[i].first && c <= dense[i].last)
			return true;
	return false;
}

const char *
said_fold(struct arena *mem, const char *text)
{
	const char *folded = gram_fold(mem, text), *in = folded, *from;
	char *out;
	bool before = false; /* the character before is of such a script */

	if (folded == NULL || strchr(folded, ' ') == NULL)
		return folded;
	folded = out = arena_alloc(mem, strlen(folded) + 1);
	while (*(from = in) != '\0') {
		uint32_t c = next_point(&in);
		const char *behind = in;

		if (c == ' ' && (before || (*behind != '\0' && is_dense(next_point(&behind)))))
			continue;
		before = is_dense(c);
		memcpy(out, from, (size_t)(in - from));
		out += in - from;
	}
	return folded;
}

static bool
has_mention(const json_t *entities)
{
	const json_t *one;
	size_t i;

	json_array_foreach ((json_t *)(uintptr_t)entities, i, one) {
		if (strcmp(row_text(one, "type"), "mention") == 0)
			return true;
	}
	return false;
}

unsigned
said_marks(const json_t *row, const char *folded)
{
	const char *type = row_text(row, "type");
	unsigned marks = 0;

	if (strstr(folded, "https://") != NULL || strstr(folded, "http://") != NULL)
		marks |= SAID_LINK;
	if (has_mention(json_object_get(row, "entities")))
		marks |= SAID_MENTION;
	if (strcmp(type, "sticker") == 0)
		marks |= SAID_STICKER;
	if (strcmp(type, "poll") == 0)
		marks |= SAID_POLL;
	if (json_object_get(json_object_get(row, "content"), "attachments") != NULL)
		marks |= SAID_FILE;
	return marks;
}

size_t
said_pairs(const char *folded, uint64_t *out)
{
	uint64_t c = *folded == '\0' ? 0 : next_point(&folded), next;
	size_t n = 0;

	for (; c != 0; c = next) {
		next = *folded == '\0' ? 0 : next_point(&folded);
		if (c != ' ')
			out[n++] = c << POINT_BITS | (next == ' ' ? 0 : next);
	}
	return n;
}

size_t
said_keys(const char *folded, uint64_t *out)
{
	size_t n = said_pairs(folded, out), pairs = n;

	for (size_t i = 0; i < pairs; i++)
		if ((out[i] & POINT_MASK) != 0)
			out[n++] = out[i] & ~POINT_MASK;
	return n;
}

uint64_t
said_sender(uint64_t user)
{
	return SENDERS | (user & (SENDERS - 1));
}

uint64_t
said_mark(unsigned mark)
{
	return MARKS | mark;
}
