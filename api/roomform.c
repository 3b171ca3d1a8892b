/* SPDX-License-Identifier: MIT */
/* See roomform.h. */
#include "roomform.h"

#include "emblem.h"
#include "shared/crypt.h"
#include "sql.h"
#include "words.h"

#define CAPACITY_MAX  10000 /* so many can be told of its end in one transaction */
#define CATEGORY_MAX  (((int64_t)1 << 53) - 1)
#define SLOW_MAX      3600
#define RETENTION_MAX 3650
#define FIRST_MAX     100 /* friends who are in a new group from the first */

/* What may be said at any time. */
#define COMMON_FIELDS                                                                             \
	TEXT_FIELD(struct roomform, password, 1, CRYPT_PASSWORD_MAX, FIELD_BYTES),                \
	    TEXT_FIELD(struct roomform, description, 0, 1000, 0),                                 \
	    INT_FIELD(struct roomform, max_members, 1, CAPACITY_MAX, 0),                          \
	    INT_FIELD(struct roomform, category, 0, CATEGORY_MAX, 0),                             \
	    LIST_FIELD(struct roomform, tags, 5, 20, FIELD_LINE),                                 \
	    TEXT_FIELD(struct roomform, cover, 0, 40, 0), BOOL_FIELD(struct roomform, hidden, 0), \
	    WORD_FIELD(struct roomform, history, "all|joined", 0),                                \
	    INT_FIELD(struct roomform, slow_seconds, 0, SLOW_MAX, 0),                             \
	    INT_FIELD(struct roomform, retention, 0, RETENTION_MAX, 0),                           \
	    DATE_FIELD(struct roomform, ends_on, 0), BOOL_FIELD(struct roomform, guests, 0)

static const struct field new_fields[] = {
    TEXT_FIELD(struct roomform, title, 1, 100, FIELD_REQUIRED | FIELD_LINE),
    WORD_FIELD(struct roomform, kind, "public|secret|group", FIELD_REQUIRED),
    IDS_FIELD(struct roomform, members, FIRST_MAX, 0),
    COMMON_FIELDS,
    END_FIELD,
};

static const struct field change_fields[] = {
    TEXT_FIELD(struct roomform, title, 1, 100, FIELD_LINE),
    COMMON_FIELDS,
    END_FIELD,
};

enum err
roomform_read(struct req *r, struct roomform *f)
{
	return req_read(r, new_fields, f);
}

enum err
roomform_read_change(struct req *r, struct roomform *f)
{
	f->kind = NULL;
	f->members = NULL;
	return req_read(r, change_fields, f);
}

enum err
roomform_check(struct req *r, const struct roomform *f, const char *kind)
{
	if (f->hidden == 1 && strcmp(kind, "secret") != 0)
		return req_invalid(r, "hidden", "is for secret rooms only");
	if (f->members != NULL && strcmp(kind, "group") != 0)
		return req_invalid(r, "members", "are for groups only");
	if (f->guests == 1 && strcmp(kind, "public") != 0 && strcmp(kind, "secret") != 0)
		return req_invalid(r, "guests", "are for public and secret rooms only");
	TRY(words_check(r, f->title));
	return words_check(r, f->description);
}

static bool
is_slow_mode_alone(const struct roomform *f)
{
	return f->title == NULL && f->password == NULL && f->description == NULL &&
	       f->max_members == FIELD_ABSENT && f->category == FIELD_ABSENT && f->tags == NULL &&
	       f->cover == NULL && f->hidden == FIELD_ABSENT && f->history == NULL &&
	       f->retention == FIELD_ABSENT && f->ends_on == NULL && f->guests == FIELD_ABSENT;
}

bool
roomform_is_empty(const struct roomform *f)
{
	return is_slow_mode_alone(f) && f->slow_seconds == FIELD_ABSENT;
}

bool
roomform_is_slow_mode(const struct roomform *f)
{
	return is_slow_mode_alone(f) && f->slow_seconds != FIELD_ABSENT;
}

/* Keeps the category from being deleted before the room is in it. */
static enum err
hold_category(struct req *r, int64_t category)
{
	json_t *row;
	enum err e = category <= 0 ? OK : sql_category_hold(r, (uint64_t)category, &row);

	return e == ERR_NOT_FOUND ? req_invalid(r, "category", "does not exist") : e;
}

/* The tags once more, each in a row, for whoever looks for one. */
static enum err
store_tags(struct req *r, uint64_t room, const char *tags)
{
	enum err e;

	TRY(sql_room_clear_tags(r, room, NULL));
	e = sql_room_add_tags(r, room, tags, NULL);
	return e == ERR_CONFLICT ? req_invalid(r, "tags", "must be different from each other") : e;
}

static int64_t
or_keep(int64_t number)
{
	return number == FIELD_ABSENT ? -1 : number;
}

enum err
roomform_store(struct req *r, uint64_t room, const struct roomform *f, const char *password)
{
	const char *tags = NULL;

	if (f->cover != NULL)
		TRY(emblem_check(r, "cover", f->cover, "cover", room));
	TRY(hold_category(r, f->category));
	if (f->tags != NULL)
		TRY(req_dump(r, f->tags, &tags));
	TRY(sql_room_update(r, room, f->title, f->description, password, or_keep(f->max_members),
	    or_keep(f->category), tags, f->cover, or_keep(f->hidden), f->history,
	    or_keep(f->slow_seconds), or_keep(f->retention), f->ends_on, or_keep(f->guests), NULL));
	if (tags != NULL)
		TRY(store_tags(r, room, tags));
	else if (f->hidden != FIELD_ABSENT)
		TRY(sql_room_list_tags(r, room, NULL));
	return f->slow_seconds == FIELD_ABSENT
		   ? OK
		   : sql_room_set_slow_mode(r, room, f->slow_seconds, NULL);
}
