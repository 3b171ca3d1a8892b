/* SPDX-License-Identifier: MIT */
#include "musiclist.h"

#include "notices.h"
#include "rooms.h"
#include "row.h"
#include "shared/clock.h"
#include "sql.h"
#include "stream.h"

#include <string.h>

static enum err
read_state(struct req *r, struct musiclist *m)
{
	json_t *row;
	enum err e = sql_music_get(r, m->room, &row);

	m->known = e == OK;
	m->at = (struct musictime){0};
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	m->at.track = row_id(row, "track");
	m->at.position = (int64_t)row_id(row, "position");
	if (json_object_get(row, "since") != NULL &&
	    !clock_read(row_text(row, "since"), &m->at.since))
		return ERR_INTERNAL;
	return OK;
}

enum err
musiclist_read(struct req *r, uint64_t room, struct musiclist *m)
{
	json_t *row;
	size_t i;

	m->room = room;
	TRY(sql_tracks_list(r, room, &m->rows));
	m->n = json_array_size(m->rows);
	m->tracks = arena_alloc(&r->mem, (m->n + 1) * sizeof(*m->tracks));
	json_array_foreach (m->rows, i, row) {
		m->tracks[i].id = row_id(row, "id");
		m->tracks[i].duration = (int64_t)row_id(row, "duration");
	}
	return read_state(r, m);
}

enum err
musiclist_hold(struct req *r, uint64_t room, struct musiclist *m)
{
	json_t *row;

	TRY(stream_hold(r, WIRE_ROOM, room));
	TRY(rooms_find(r, room, &row));
	TRY(notices_permit(r, row));
	TRY(musiclist_read(r, room, m));
	musictime_advance(&m->at, m->tracks, m->n, clock_wall());
	return OK;
}

enum err
musiclist_watch(struct req *r, uint64_t room, struct musiclist *before)
{
	*before = (struct musiclist){.room = room};
	TRY(read_state(r, before));
	if (before->at.track == 0)
		return OK; /* as in nearly all rooms */
	TRY(musiclist_read(r, room, before));
	musictime_advance(&before->at, before->tracks, before->n, clock_wall());
	return OK;
}

enum err
musiclist_settle(struct req *r, struct musiclist *before)
{
	struct musiclist now;

	if (before->at.track == 0)
		return OK;
	TRY(musiclist_read(r, before->room, &now));
	if (now.n == before->n)
		return OK;
	for (size_t i = 0; i < before->n;) {
		uint64_t track = before->tracks[i].id;

		if (musictime_find(now.tracks, now.n, track) < now.n) {
			i++;
			continue;
		}
		musictime_drop(&before->at, before->tracks, before->n, track);
		before->n--;
		memmove(&before->tracks[i], &before->tracks[i + 1],
		    (before->n - i) * sizeof(*before->tracks));
	}
	now.at = before->at;
	return musiclist_store(r, &now);
}

json_t *
musiclist_show(struct req *r, const struct musiclist *m)
{
	json_t *out = req_own(r,
	    json_pack("{s:I, s:s, s:I}", "room", (json_int_t)m->room, "state",
		m->at.since == 0 ? "paused" : "playing", "position", (json_int_t)m->at.position));
	char since[CLOCK_TEXT_SIZE];

	(void)json_object_set_new(
	    out, "track", m->at.track == 0 ? json_null() : json_integer((json_int_t)m->at.track));
	clock_text(m->at.since, since);
	(void)json_object_set_new(
	    out, "since", m->at.since == 0 ? json_null() : json_string(since));
	return out;
}

enum err
musiclist_store(struct req *r, const struct musiclist *m)
{
	char since[CLOCK_TEXT_SIZE];

	clock_text(m->at.since, since);
	TRY(sql_music_store(
	    r, m->room, m->at.track, m->at.position, m->at.since == 0 ? NULL : since, NULL));
	return stream_append(r, WIRE_ROOM, m->room, EV_MUSIC_UPDATED, musiclist_show(r, m));
}
