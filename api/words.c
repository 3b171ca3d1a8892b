/* SPDX-License-Identifier: MIT */
/* /v1/words and /v1/rooms/:room/words: words that a server, or a room, does not want to read.
 *
 * A message with a word to `refuse` is not taken, one with a word to `mask` is stored with stars.
 * Words are found within others, and however they are written (gram_fold). The lists are for those
 * who keep them, and no events: they are asked for when somebody opens them.
 */
#include "words.h"

#include "admins.h"
#include "audit.h"
#include "db.h"
#include "gram.h"
#include "page.h"
#include "rooms.h"
#include "route.h"
#include "sql.h"
#include "stream.h"
#include "wordlists.h"
#include "wordmask.h"

#define WORDS_MAX 1000 /* in a room, and anywhere */

struct word_in {
	const char *word;
	const char *action;
};

static const struct field word_fields[] = {
    TEXT_FIELD(struct word_in, word, 1, 100, FIELD_REQUIRED | FIELD_LINE),
    WORD_FIELD(struct word_in, action, "refuse|mask", FIELD_REQUIRED),
    END_FIELD,
};

/* ---- filtering ---- */

static bool
has(const char *folded, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(folded, words[i]) != NULL)
			return true;
	return false;
}

/* Applies one list. A word that is still there when its places are stars was written in some way
 * that could not be taken apart: then the text is refused. */
static enum err
apply(struct req *r, const struct wordlist *list, const char **text)
{
	const char *folded, *masked;

	if (list == NULL || (folded = gram_fold(&r->mem, *text)) == NULL)
		return OK;
	if (has(folded, list->refuse, list->refuse_count))
		return ERR_REFUSED_WORD;
	masked = wordmask(&r->mem, *text, list->mask, list->mask_count);
	if (masked == *text)
		return OK;
	*text = masked;
	folded = gram_fold(&r->mem, masked);
	return folded == NULL || has(folded, list->mask, list->mask_count) ? ERR_REFUSED_WORD : OK;
}

enum err
words_filter(struct req *r, uint64_t room, const char **text)
{
	const struct wordlist *everywhere, *here;
	const char *out = *text;

	TRY(wordlists_get(r, 0, &everywhere));
	TRY(wordlists_get(r, room, &here));
	TRY(apply(r, everywhere, &out));
	TRY(apply(r, here, &out));
	*text = out;
	return OK;
}

enum err
words_check(struct req *r, const char *text)
{
	const struct wordlist *list;
	const char *masked = text;

	if (text == NULL)
		return OK;
	TRY(wordlists_get(r, 0, &list));
	TRY(apply(r, list, &masked));
	return masked == text ? OK : ERR_REFUSED_WORD;
}

/* ---- the lists ---- */

/* Admins keep the words that hold anywhere, moderators and the host those of their room. */
static enum err
check_right(struct req *r, uint64_t room)
{
	json_t *row;

	if (room == 0)
		return admins_require(r);
	TRY(rooms_find(r, room, &row));
	return rooms_require_rank(r, row, RANK_MODERATOR);
}

static enum err
list(struct req *r, uint64_t room)
{
	struct page page;
	json_t *rows;

	TRY(page_read(r, 0, &page));
	TRY(check_right(r, room));
	TRY(sql_words_list(r, room, page.cursor, (int64_t)page.limit + 1, &rows));
	return page_reply(r, "words", rows, &page, "id");
}

/* Holds the room, or the lobby, for whoever may change the list: they wait for one another. */
static enum err
hold(struct req *r, uint64_t room)
{
	TRY(stream_hold(r, room == 0 ? WIRE_LOBBY : WIRE_ROOM, room));
	return check_right(r, room);
}

static enum err
note(struct req *r, const char *action, uint64_t room, const json_t *row)
{
	TRY(audit_note(r, action, room, 0, json_deep_copy(row)));
	return wordlists_changed(r);
}

static enum err
create(struct req *r, uint64_t room)
{
	struct word_in in;
	const char *folded;
	json_t *row;
	enum err e;

	TRY(req_read(r, word_fields, &in));
	folded = gram_fold(&r->mem, in.word);
	if (folded == NULL || *folded == '\0')
		return req_invalid(r, "word", "must have something that can be seen");
	TRY(hold(r, room));
	TRY(sql_word_count(r, room, &row));
	if (row_id(row, "count") >= WORDS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d words", WORDS_MAX);
	if ((e = sql_word_insert(r, room, in.word, in.action, NULL)) == ERR_CONFLICT)
		return req_fail(r, e, "the word is on the list already");
	TRY(e);
	TRY(sql_word_get(r, room, db_insert_id(r->db), &row));
	TRY(note(r, "word.added", room, row));
	return req_reply(r, 201, json_incref(row));
}

static enum err
remove_word(struct req *r, uint64_t room)
{
	json_t *row;

	TRY(hold(r, room));
	TRY(sql_word_get(r, room, req_id(r, "word"), &row));
	TRY(sql_word_delete(r, req_id(r, "word"), NULL));
	TRY(note(r, "word.removed", room, row));
	return req_reply(r, 204, NULL);
}

/* The words that hold anywhere, in the order in which they came. */
enum err
words_list(struct req *r)
{
	return list(r, 0);
}

/* Adds one: 201 with it. */
enum err
words_create(struct req *r)
{
	return create(r, 0);
}

/* Removes one: 204. */
enum err
words_delete(struct req *r)
{
	return remove_word(r, 0);
}

/* The same for a room. */
enum err
words_list_room(struct req *r)
{
	return list(r, req_id(r, "room"));
}

enum err
words_create_room(struct req *r)
{
	return create(r, req_id(r, "room"));
}

enum err
words_delete_room(struct req *r)
{
	return remove_word(r, req_id(r, "room"));
}
