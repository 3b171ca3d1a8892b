// SPDX-License-Identifier: MIT
// What of a room's music is to be heard at a time: the same function as the server's, so nobody need be told.
import type { Got, StreamEvent } from 'maru-client';

export type Music = Got<'/v1/rooms/{room}/music'>;
export type Track = Music['tracks'][number];

/** A track, and milliseconds from its beginning. */
export interface Place { track: Track; position: number }

/** Where the music is at a time of the server; null where there is none. */
export function placeAt({ tracks, track, state, position, since }: Music, now: number): Place | null {
  let at = tracks.findIndex(({ id }) => id === track);
  if (at < 0) return null;
  const round = tracks.reduce((sum, { duration }) => sum + duration, 0);
  const gone = state === 'playing' && since ? Math.max(0, now - Date.parse(since)) : 0;
  let left = gone > 0 && round > 0 ? (position + gone) % round : position;
  for (; gone > 0 && left >= tracks[at]!.duration && round > 0; at = (at + 1) % tracks.length) left -= tracks[at]!.duration;
  return { track: tracks[at]!, position: left };
}

/** The one that is so many behind another in the list, which goes round; null for an empty list. */
export function neighbour({ tracks }: Music, id: number | null, step: 1 | -1): Track | null {
  const at = tracks.findIndex((one) => one.id === id);
  return tracks[(at + step + tracks.length) % tracks.length] ?? null;
}

// Tells the same music from now on: before the list changes, as what is behind the present track changes with it.
function rebased(music: Music, now: number): Music {
  const place = music.state === 'playing' ? placeAt(music, now) : null;
  return place ? { ...music, track: place.track.id, position: place.position, since: new Date(now).toISOString() } : music;
}

// If it is what plays, the next one begins.
function without(before: Music, id: unknown, now: number): Music {
  if (!before.tracks.some((track) => track.id === id)) return before;
  const music = rebased(before, now);
  const tracks = music.tracks.filter((track) => track.id !== id);
  if (music.track !== id) return { ...music, tracks };
  const next = tracks.length > 0 ? neighbour(music, music.track, 1) : null;
  return { ...music, tracks, track: next?.id ?? null, position: 0, since: music.since && new Date(now).toISOString() };
}

/** The music after an event of the room. Each may be taken twice. now: the server's time, roughly. */
export function take(music: Music, { type, data }: Pick<StreamEvent, 'type' | 'data'>, now: number): Music {
  if (type === 'track.added') {
    const track = data as unknown as Track;
    const { tracks, ...rest } = rebased(music, now);
    return tracks.some(({ id }) => id === track.id) ? music : { ...rest, tracks: [...tracks, track] };
  }
  if (type === 'track.removed') return without(music, data.id, now);
  if (type === 'message.deleted') {
    const { seq } = data.message as { seq: number };
    return { ...music, tracks: music.tracks.filter(({ message }) => message !== seq) };
  }
  if (type !== 'music.updated') return music;
  const { track, state, position, since } = data as unknown as Music;
  return { ...music, track, state, position, since };
}
