/* SPDX-License-Identifier: MIT */
#include "musictime.h"

size_t
musictime_find(const struct musictime_track *tracks, size_t n, uint64_t id)
{
	size_t i = 0;

	while (i < n && tracks[i].id != id)
		i++;
	return i;
}

void
musictime_advance(struct musictime *at, const struct musictime_track *tracks, size_t n, int64_t now)
{
	size_t i = musictime_find(tracks, n, at->track);
	int64_t all = 0;

	if (i == n) {
		*at = (struct musictime){0};
		return;
	}
	if (at->since == 0)
		return;
	at->position += now > at->since ? now - at->since : 0;
	at->since = now > at->since ? now : at->since;
	for (size_t k = 0; k < n; k++)
		all += tracks[k].duration;
	if (all <= 0)
		return; /* no list has such tracks */
	/* A round from the beginning of this track ends there. */
	for (at->position %= all; at->position >= tracks[i].duration; i = (i + 1) % n)
		at->position -= tracks[i].duration;
	at->track = tracks[i].id;
}

void
musictime_drop(struct musictime *at, const struct musictime_track *tracks, size_t n, uint64_t track)
{
	size_t i = musictime_find(tracks, n, track);

	if (at->track != track || i == n)
		return;
	if (n == 1)
		*at = (struct musictime){0};
	at->track = n == 1 ? 0 : tracks[(i + 1) % n].id;
	at->position = 0;
}
