/* SPDX-License-Identifier: MIT */
#include "gram.h"

#include "sql.h"

#include <utf8proc.h>

#define SYLLABLES      0xac00 /* 19 initials, each with 588 syllables in a row */
#define SYLLABLES_EACH 588
#define INITIALS       19
#define JAMO_FIRST     0x3131
#define JAMO_LAST      0x318e
#define ASIDE          0xf0000 /* a private plane, where folding leaves characters alone */

/* A text as code points. */
struct points {
	utf8proc_int32_t *at;
	size_t n;
};

/* The initial consonants in the order of the syllables, as letters of the keyboard. */
static const utf8proc_int32_t initials[INITIALS] = {0x3131, 0x3132, 0x3134, 0x3137, 0x3138, 0x3139,
    0x3141, 0x3142, 0x3143, 0x3145, 0x3146, 0x3147, 0x3148, 0x3149, 0x314a, 0x314b, 0x314c, 0x314d,
    0x314e};

/* Keyboards join consonants that are typed in a row where a syllable could end with both. */
static const utf8proc_int32_t joined[][3] = {{0x3133, 0x3131, 0x3145}, {0x3135, 0x3134, 0x3148},
    {0x3136, 0x3134, 0x314e}, {0x313a, 0x3139, 0x3131}, {0x313b, 0x3139, 0x3141},
    {0x313c, 0x3139, 0x3142}, {0x313d, 0x3139, 0x3145}, {0x313e, 0x3139, 0x314c},
    {0x313f, 0x3139, 0x314d}, {0x3140, 0x3139, 0x314e}, {0x3144, 0x3142, 0x3145}};

/* ---- folding ---- */

/* NFKC makes syllables of letters that somebody wrote one by one: of "ㅋㅠㅠ" it would be "큐ㅠ",
 * and "ㅠㅠ" no longer be found in it. */
static utf8proc_int32_t
set_aside(utf8proc_int32_t c, void *data)
{
	(void)data;
	return c >= JAMO_FIRST && c <= JAMO_LAST ? c + ASIDE : c;
}

static bool
is_blank(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC;
}

/* The letter of the keyboard for what stands alone. */
static utf8proc_int32_t
letter_of(utf8proc_int32_t c)
{
	if (c >= JAMO_FIRST + ASIDE && c <= JAMO_LAST + ASIDE)
		return c - ASIDE;
	if (c >= 0x1100 && c < 0x1100 + INITIALS)
		return initials[c - 0x1100];
	if (c >= 0x1161 && c <= 0x1175)
		return c - 0x1161 + 0x314f;
	if (c >= 0x11a8 && c <= 0x11c2) { /* at a syllable's end; three never stand there */
		c += JAMO_FIRST - 0x11a8;
		c += c >= 0x3138;
		c += c >= 0x3143;
		c += c >= 0x3149;
	}
	return c;
}

/* Adds a folded character: one, or the two that it is joined of. */
static void
add_letter(struct points *p, utf8proc_int32_t c)
{
	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++)
		if (joined[i][0] == c) {
			p->at[p->n++] = joined[i][1];
			p->at[p->n++] = joined[i][2];
			return;
		}
	p->at[p->n++] = c;
}

static struct points
tidy(struct arena *mem, const struct points *raw)
{
	struct points p = {arena_alloc(mem, 2 * raw->n * sizeof(*p.at) + 1), 0};

	for (size_t i = 0; i < raw->n; i++) {
		if (!is_blank(raw->at[i]))
			add_letter(&p, letter_of(raw->at[i]));
		else if (p.n > 0 && p.at[p.n - 1] != ' ')
			p.at[p.n++] = ' ';
	}
	if (p.n > 0 && p.at[p.n - 1] == ' ')
		p.n--;
	return p;
}

static const char *
encode(struct arena *mem, const utf8proc_int32_t *at, size_t n)
{
	char *text = arena_alloc(mem, 4 * n + 1), *end = text;

	for (size_t i = 0; i < n; i++)
		end += utf8proc_encode_char(at[i], (utf8proc_uint8_t *)end);
	return text;
}

const char *
gram_fold(struct arena *mem, const char *text)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
				UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_NULLTERM;
	utf8proc_ssize_t n = utf8proc_decompose_custom(bytes, 0, NULL, 0, how, set_aside, NULL);
	struct points p;

	if (n < 0)
		return NULL;
	p.at = arena_alloc(mem, ((size_t)n + 1) * sizeof(*p.at));
	n = utf8proc_decompose_custom(bytes, 0, p.at, n, how, set_aside, NULL);
	n = n < 0 ? n : utf8proc_normalize_utf32(p.at, n, how);
	if (n < 0)
		return NULL;
	p.n = (size_t)n;
	p = tidy(mem, &p);
	return encode(mem, p.at, p.n);
}

/* ---- grams ---- */

/* The code points of a folded text without its blanks, at most max of them. */
static struct points
points_of(struct arena *mem, const char *folded, size_t max)
{
	size_t left = strlen(folded);
	struct points p = {arena_alloc(mem, (left + 1) * sizeof(*p.at)), 0};
	utf8proc_int32_t c;

	while (left > 0 && p.n < max) {
		utf8proc_ssize_t used =
		    utf8proc_iterate((const utf8proc_uint8_t *)folded, (utf8proc_ssize_t)left, &c);

		if (used <= 0)
			break;
		if (c != ' ')
			p.at[p.n++] = c;
		folded += used;
		left -= (size_t)used;
	}
	return p;
}

/* Its place among the initial consonants, or -1. */
static int
initial_number(utf8proc_int32_t c)
{
	for (int i = 0; i < INITIALS; i++)
		if (initials[i] == c)
			return i;
	return -1;
}

/* The consonant that a syllable begins with, or that this is; 0 for anything else. */
static utf8proc_int32_t
initial_of(utf8proc_int32_t c)
{
	if (c >= SYLLABLES && c < SYLLABLES + INITIALS * SYLLABLES_EACH)
		return initials[(c - SYLLABLES) / SYLLABLES_EACH];
	return initial_number(c) >= 0 ? c : 0;
}

/* One or (b not 0) two code points as a number in whose order grams are sorted. */
static uint64_t
pack(utf8proc_int32_t a, utf8proc_int32_t b)
{
	return (uint64_t)a << 32 | (uint64_t)b;
}

static const char *
unpack(struct arena *mem, uint64_t gram)
{
	const utf8proc_int32_t both[2] = {
	    (utf8proc_int32_t)(gram >> 32), (utf8proc_int32_t)(gram & 0x1fffff)};

	return encode(mem, both, both[1] == 0 ? 1 : 2);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

json_t *
gram_split(const char *folded)
{
	json_t *grams = json_array();
	struct arena mem;
	struct points p;
	uint64_t *all;
	size_t n = 0;

	arena_init(&mem);
	p = points_of(&mem, folded, GRAM_TEXT_MAX);
	all = arena_alloc(&mem, (4 * p.n + 1) * sizeof(*all));
	for (size_t i = 0; i < p.n; i++) {
		utf8proc_int32_t c = p.at[i], next = i + 1 < p.n ? p.at[i + 1] : 0;

		all[n++] = pack(c, 0);
		all[n++] = pack(c, next);
		if (initial_of(c) == 0)
			continue;
		all[n++] = pack(initial_of(c), 0);
		all[n++] = pack(initial_of(c), initial_of(next));
	}
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || all[i] != all[i - 1])
			(void)json_array_append_new(grams, json_string(unpack(&mem, all[i])));
	arena_finish(&mem);
	return grams;
}

enum err
gram_store(struct req *r, enum gram_kind kind, uint64_t id, const char *text)
{
	const char *folded = gram_fold(&r->mem, text);
	struct points p;
	const char *grams;
	json_t *list;

	TRY(sql_gram_delete(r, (int64_t)kind, id, NULL));
	if (folded == NULL || *folded == '\0')
		return sql_gram_text_delete(r, (int64_t)kind, id, NULL);
	p = points_of(&r->mem, folded, GRAM_TEXT_MAX);
	list = req_own(r, gram_split(folded));
	TRY(req_dump(r, list, &grams));
	TRY(sql_gram_insert(r, (int64_t)kind, id, grams, NULL));
	return sql_gram_text_store(r, (int64_t)kind, id, encode(&r->mem, p.at, p.n), NULL);
}

/* ---- searching ---- */

/* A character as a regular expression; an initial consonant stands for its syllables too. */
static void
add_pattern(struct arena *mem, struct buf *out, utf8proc_int32_t c)
{
	int initial = initial_number(c);
	utf8proc_int32_t first = SYLLABLES + initial * SYLLABLES_EACH;
	bool letter = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');

	if (initial < 0) {
		buf_addstr(out, letter ? "" : "\\");
		buf_addstr(out, encode(mem, &c, 1));
		return;
	}
	buf_printf(out, "[%s%s-%s]", encode(mem, &c, 1), unpack(mem, pack(first, 0)),
	    unpack(mem, pack(first + SYLLABLES_EACH - 1, 0)));
}

/* Gathers the pairs of a query, or (pairs false) its characters. Where a consonant stands beside
 * something else it is not known which pair a match has. */
static size_t
gather(const struct points *p, bool pairs, uint64_t grams[GRAM_TRIED_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < p->n && n < GRAM_TRIED_MAX; i++) {
		utf8proc_int32_t c = p->at[i], next = i + 1 < p->n ? p->at[i + 1] : 0;

		if (!pairs)
			grams[n++] = pack(c, 0);
		else if (next != 0 && (initial_number(c) < 0) == (initial_number(next) < 0))
			grams[n++] = pack(c, next);
	}
	return n;
}

bool
gram_plan(struct arena *mem, const char *folded, const char **pattern,
    const char *grams[GRAM_TRIED_MAX], size_t *n)
{
	struct points p = points_of(mem, folded, GRAM_QUERY_MAX + 1);
	uint64_t packed[GRAM_TRIED_MAX];
	struct buf out;

	if (p.n == 0 || p.n > GRAM_QUERY_MAX)
		return false;
	buf_init(&out, 16 * GRAM_QUERY_MAX);
	for (size_t i = 0; i < p.n; i++)
		add_pattern(mem, &out, p.at[i]);
	*pattern = arena_strndup(mem, out.p, out.n);
	buf_finish(&out);
	if ((*n = gather(&p, true, packed)) == 0)
		*n = gather(&p, false, packed);
	for (size_t i = 0; i < *n; i++)
		grams[i] = unpack(mem, packed[i]);
	return true;
}

enum err
gram_query(struct req *r, enum gram_kind kind, const char *parameter, const char *text,
    struct gram_query *out)
{
	const char *grams[GRAM_TRIED_MAX], *folded = gram_fold(&r->mem, text);
	json_t *row;
	size_t n;

	if (folded == NULL || !gram_plan(&r->mem, folded, &out->pattern, grams, &n))
		return req_invalid(r, parameter, "must be a text of 1 to 100 characters");
	out->count = UINT64_MAX;
	for (size_t i = 0; i < n && out->count > 0; i++) {
		TRY(sql_gram_count(r, (int64_t)kind, grams[i], GRAM_COUNT_MAX, &row));
		if (row_id(row, "n") >= out->count)
			continue;
		out->gram = grams[i];
		out->count = row_id(row, "n");
	}
	/* A gram of as many characters is the whole query. */
	if (points_of(&r->mem, folded, 3).n == points_of(&r->mem, out->gram, 3).n)
		out->pattern = NULL;
	return OK;
}
