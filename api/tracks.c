/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/tracks: what may be played in a room. A track is an audio file that stands at a
 * message of the room: whoever may read that may hear it, and it goes with the message. When a
 * track comes or goes, the music that plays goes on where it is.
 */
#include "musiclist.h"
#include "route.h"
#include "row.h"
#include "sql.h"
#include "stream.h"
#include "words.h"

#define TRACKS_MAX   100
#define TITLE_MAX    200
#define LICENCE_MAX  300
#define DURATION_MIN 100                     /* milliseconds */
#define DURATION_MAX (INT64_C(24) * 3600000) /* a day */

struct track_in {
	int64_t message;
	int64_t file;
	const char *title;
	const char *licence;
	int64_t duration;
};

static const struct field track_fields[] = {
    INT_FIELD(struct track_in, message, 1, INT64_MAX, FIELD_REQUIRED),
    INT_FIELD(struct track_in, file, 1, INT64_MAX, FIELD_REQUIRED),
    TEXT_FIELD(struct track_in, title, 1, TITLE_MAX, FIELD_REQUIRED | FIELD_LINE),
    TEXT_FIELD(struct track_in, licence, 1, LICENCE_MAX, FIELD_REQUIRED | FIELD_LINE),
    INT_FIELD(struct track_in, duration, DURATION_MIN, DURATION_MAX, FIELD_REQUIRED),
    END_FIELD,
};

/* The row of a track among those that were just read. */
static json_t *
row_of(const struct musiclist *m, uint64_t id)
{
	json_t *row;
	size_t i;

	json_array_foreach (m->rows, i, row) {
		if (row_id(row, "id") == id)
			return row;
	}
	return NULL;
}

static enum err
insert(struct req *r, struct track_in *in, const struct stream_pos *at)
{
	json_t *file;
	enum err e = sql_track_source(r, at->id, (uint64_t)in->message, (uint64_t)in->file, &file);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == ERR_NOT_FOUND || strcmp(row_text(file, "kind"), "audio") != 0)
		return req_invalid(r, "file", "is no sound of that message");
	TRY(words_filter(r, at->id, &in->title));
	TRY(words_filter(r, at->id, &in->licence));
	return sql_track_insert(r, at->id, at->seq, (uint64_t)in->message, (uint64_t)in->file,
	    in->title, in->licence, in->duration, r->user, NULL);
}

/* Adds a track at the end of the list: 201 with it. */
enum err
tracks_create(struct req *r)
{
	struct stream_pos at;
	struct musiclist m, now;
	struct track_in in;
	json_t *row;

	TRY(req_read(r, track_fields, &in));
	TRY(musiclist_hold(r, req_id(r, "room"), &m));
	if (m.n >= TRACKS_MAX)
		return req_fail(r, ERR_LIMIT, "at most %d tracks in a room", TRACKS_MAX);
	TRY(sql_tracks_tidy(r, m.room, NULL));
	TRY(stream_next(r, WIRE_ROOM, m.room, &at));
	TRY(insert(r, &in, &at));
	TRY(musiclist_read(r, m.room, &now));
	row = row_of(&now, at.seq);
	TRY(stream_store(r, &at, EV_TRACK_ADDED, req_own(r, json_copy(row))));
	if (m.known)
		TRY(musiclist_store(r, &m));
	return req_reply(r, 201, json_incref(row));
}

/* Takes a track off: 204. */
enum err
tracks_delete(struct req *r)
{
	uint64_t track = req_id(r, "track");
	struct musiclist m;
	json_t *data;

	TRY(musiclist_hold(r, req_id(r, "room"), &m));
	if (row_of(&m, track) == NULL)
		return ERR_NOT_FOUND;
	musictime_drop(&m.at, m.tracks, m.n, track);
	TRY(sql_track_delete(r, m.room, track, NULL));
	data = json_pack("{s:I, s:I}", "room", (json_int_t)m.room, "id", (json_int_t)track);
	TRY(stream_append(r, WIRE_ROOM, m.room, EV_TRACK_REMOVED, req_own(r, data)));
	if (m.known)
		TRY(musiclist_store(r, &m));
	return req_reply(r, 204, NULL);
}
