/* SPDX-License-Identifier: MIT */
/* Searching for any part of a short text, in every script: the characters of each text and its
 * pairs of neighbouring characters are rows of the table gram, so a search begins with an index
 * read. MariaDB's own full text index cuts texts at blanks, which finds little of Korean, Japanese
 * or Chinese.
 *
 * Texts are compared folded: compatibility forms and case do not matter, nor do blanks. A Korean
 * initial consonant in a query finds each syllable that begins with it: "ㅅㅌㄷ" finds "스터디".
 *
 * A search joins what gram_query() chose (rooms_found in roomlists.sql):
 *
 *   FROM gram g JOIN thing x ON x.id = g.id
 *     LEFT JOIN gram_text t ON :pattern IS NOT NULL AND t.kind = 1 AND t.id = g.id
 *   WHERE g.kind = 1 AND g.gram = :gram AND g.id < :before
 *     AND (:pattern IS NULL OR t.folded REGEXP :pattern)
 *   ORDER BY g.id DESC LIMIT :limit
 */
#ifndef MARU_GRAM_H
#define MARU_GRAM_H

#include "req.h"

enum gram_kind { GRAM_ROOM = 1, GRAM_USER = 2 };

#define GRAM_TRIED_MAX 8   /* grams of a query that are counted */
#define GRAM_TEXT_MAX  400 /* folded characters of a text that can be found */
#define GRAM_QUERY_MAX 100 /* folded characters of a query */

/* A text as it is compared: NFKC, case folded, without invisible characters, each run of blanks as
 * one, none at the ends; Korean jamo as the single letters of a keyboard. NULL if it is no UTF-8.
 * Folding what is folded changes nothing that a reader would see. */
const char *gram_fold(struct arena *mem, const char *text);

/* The grams of a folded text, sorted, each once; a new reference to an array of texts. */
json_t *gram_split(const char *folded);

/* Replaces what is stored to find an id by; "" or a text of blanks removes it. Within a
 * transaction, in which the row that has the text is locked or new. */
enum err gram_store(struct req *r, enum gram_kind kind, uint64_t id, const char *text);

/* How to search for a text. */
struct gram_query {
	const char *gram;    /* whatever matches has this gram: the rarest that was found */
	const char *pattern; /* a regular expression that gram_text.folded has to match; NULL: none,
				the gram is all that there is to find */
	uint64_t count;      /* how many have the gram, or GRAM_COUNT_MAX if there are more */
};

#define GRAM_COUNT_MAX 500

/* Chooses. ERR_INVALID, naming the query's parameter, if there is nothing to search for in the
 * text, or too much, or if it is no UTF-8. */
enum err gram_query(struct req *r, enum gram_kind kind, const char *parameter, const char *text,
    struct gram_query *out);

/* What gram_query() does without the database: the pattern of a folded text, and the grams that
 * every match has, up to GRAM_TRIED_MAX of them; false if there are none. */
bool gram_plan(struct arena *mem, const char *folded, const char **pattern,
    const char *grams[GRAM_TRIED_MAX], size_t *n);

#endif
