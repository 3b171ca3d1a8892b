/* SPDX-License-Identifier: MIT */
/* /v1/rooms/:room/music: what plays in a room, for all who listen at the same place. Its moderators
 * direct it, in groups and direct rooms everybody. The server plays nothing: it says what has
 * played from where since when (musictime.h), and each client goes there by its own clock.
 */
#include "musiclist.h"
#include "rooms.h"
#include "route.h"
#include "shared/clock.h"

struct music_in {
	int64_t track;
	const char *state;
	int64_t position;
};

static const struct field music_fields[] = {
    INT_FIELD(struct music_in, track, 1, INT64_MAX, 0),
    WORD_FIELD(struct music_in, state, "playing|paused", 0),
    INT_FIELD(struct music_in, position, 0, INT64_MAX, 0),
    END_FIELD,
};

static enum err
reply(struct req *r, const struct musiclist *m)
{
	json_t *out = json_copy(musiclist_show(r, m));

	(void)json_object_set(out, "tracks", m->rows);
	return req_reply(r, 200, out);
}

/* The tracks, and where the music is. */
enum err
music_get(struct req *r)
{
	struct musiclist m;
	json_t *row;

	TRY(rooms_require(r, req_id(r, "room"), &row));
	TRY(musiclist_read(r, req_id(r, "room"), &m));
	musictime_advance(&m.at, m.tracks, m.n, clock_wall());
	return reply(r, &m);
}

/* Another track, or another place in it. Where none was chosen yet it is the first. */
static enum err
move(struct req *r, struct musiclist *m, const struct music_in *in)
{
	const struct musictime_track *track;
	uint64_t id = in->track != FIELD_ABSENT ? (uint64_t)in->track : m->at.track;
	size_t i = id == 0 ? 0 : musictime_find(m->tracks, m->n, id);

	if (m->n == 0)
		return req_fail(r, ERR_CONFLICT, "there is nothing to play yet");
	if (i == m->n)
		return req_invalid(r, "track", "is not in the list");
	track = &m->tracks[i];
	if (in->position != FIELD_ABSENT && in->position >= track->duration)
		return req_invalid(r, "position", "is behind the end of the track");
	if (in->position != FIELD_ABSENT)
		m->at.position = in->position;
	else if (track->id != m->at.track)
		m->at.position = 0;
	m->at.track = track->id;
	return OK;
}

/* Plays, pauses, goes somewhere else: 200 with all of it. */
enum err
music_set(struct req *r)
{
	struct musiclist m;
	struct music_in in;

	TRY(req_read(r, music_fields, &in));
	TRY(musiclist_hold(r, req_id(r, "room"), &m));
	TRY(move(r, &m, &in));
	if (in.state != NULL)
		m.at.since = strcmp(in.state, "playing") == 0 ? clock_wall() : 0;
	TRY(musiclist_store(r, &m));
	return reply(r, &m);
}
