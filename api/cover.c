/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/cover: a picture for a room that was uploaded before. Presets are set with the
 * rest of the room (rooms.c). */
#include "emblem.h"
#include "roomform.h"
#include "rooms.h"
#include "route.h"

struct cover_in {
	int64_t file;
};

static const struct field cover_fields[] = {
    INT_FIELD(struct cover_in, file, 1, INT64_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* Its host only: 200 with the room. The picture before is removed. */
enum err
cover_set(struct req *r)
{
	struct roomform f = ROOMFORM_EMPTY;
	struct cover_in in;

	TRY(req_read(r, cover_fields, &in));
	f.cover = emblem_text(r, (uint64_t)in.file);
	return rooms_change(r, req_id(r, "room"), &f);
}

/* No picture any more: 200 with the room. */
enum err
cover_remove(struct req *r)
{
	struct roomform f = ROOMFORM_EMPTY;

	f.cover = "";
	return rooms_change(r, req_id(r, "room"), &f);
}
