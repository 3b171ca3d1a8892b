/* SPDX-License-Identifier: MIT */
/* /v1/users/me/avatar: the picture of a person that was uploaded before. Presets are set with the
 * rest of the profile (users.c). */
#include "emblem.h"
#include "route.h"
#include "sql.h"
#include "users.h"

struct avatar_in {
	int64_t file;
};

static const struct field avatar_fields[] = {
    INT_FIELD(struct avatar_in, file, 1, INT64_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* Shows one of the own pictures with the name: 200 with the user. The one before is removed. */
enum err
avatar_set(struct req *r)
{
	struct users_profile profile = {NULL, NULL, NULL};
	struct avatar_in in;
	json_t *user;

	TRY(req_read(r, avatar_fields, &in));
	profile.avatar = emblem_text(r, (uint64_t)in.file);
	TRY(emblem_check(r, "file", profile.avatar, "avatar", r->user));
	TRY(users_change_profile(r, r->user, &profile));
	TRY(sql_user_get(r, r->user, &user));
	return req_reply(r, 200, json_incref(user));
}

/* No picture any more: 204. */
enum err
avatar_remove(struct req *r)
{
	const struct users_profile none = {.avatar = ""};

	TRY(users_change_profile(r, r->user, &none));
	return req_reply(r, 204, NULL);
}
