/* SPDX-License-Identifier: MIT */
/* What a room's host may say about it, when it is made and later. */
#ifndef MARU_ROOMFORM_H
#define MARU_ROOMFORM_H

#include "req.h"

struct roomform {
	const char *title;
	const char *kind; /* of a new room only */
	json_t *members; /* the same: ids of those who are in it from the first, beside the asker */
	const char *password;
	const char *description;
	int64_t max_members;
	int64_t category; /* 0: none */
	json_t *tags;
	const char *cover;
	int64_t hidden;
	const char *history;
	int64_t slow_seconds;
	int64_t retention; /* days */
	const char *ends_on;
	int64_t guests;
};

/* A change of nothing. */
#define ROOMFORM_EMPTY                                                                          \
	{                                                                                       \
		.max_members = FIELD_ABSENT, .category = FIELD_ABSENT, .hidden = FIELD_ABSENT,  \
		.slow_seconds = FIELD_ABSENT, .retention = FIELD_ABSENT, .guests = FIELD_ABSENT \
	}

/* Read the body for a new room, and for a change of one. What is not given is NULL or FIELD_ABSENT;
 * what depends on the room's kind is for roomform_check. */
enum err roomform_read(struct req *r, struct roomform *f);
enum err roomform_read_change(struct req *r, struct roomform *f);

/* ERR_INVALID if a room of this kind can't have what is asked for, ERR_REFUSED_WORD. */
enum err roomform_check(struct req *r, const struct roomform *f, const char *kind);

/* Whether a change is of nothing; of nothing but slow mode, which moderators may set. */
bool roomform_is_empty(const struct roomform *f);
bool roomform_is_slow_mode(const struct roomform *f);

/* Stores what is given, in a transaction that holds the room's stream; password: as it is stored,
 * or NULL. ERR_INVALID if there is no such category, or two tags are the same one. */
enum err roomform_store(
    struct req *r, uint64_t room, const struct roomform *f, const char *password);

#endif
