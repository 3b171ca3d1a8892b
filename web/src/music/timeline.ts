// SPDX-License-Identifier: MIT
// What of a room's music is to be heard at a time: the same function as the server's, so nobody need be told.
import type { StreamEvent } from 'maru-client';

export interface Track {
  room: number; id: number; message: number; file: number; name: string; url: string; title: string; licence: string;
  duration: number; added_by: number; added_at: string;
}
export interface Music { room: number; tracks: Track[]; track: number | null; state: 'playing' | 'paused'; position: number; since: string | null }

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
  return tracks[(Math.max(at, 0) + step + tracks.length) % tracks.length] ?? null;
}

// Tells the same music from now on: before the list changes, as what is behind the present track changes with it.
function rebased(music: Music, now: number): Music {
  const place = music.state === 'playing' ? placeAt(music, now) : null;
  return place ? { ...music, track: place.track.id, position: place.position, since: new Date(now).toISOString() } : music;
}

function without(before: Music, isGone: (track: Track) => boolean, now: number): Music {
  if (!before.tracks.some(isGone)) return before;
  const music = rebased(before, now);
  const at = music.tracks.findIndex(({ id }) => id === music.track);
  const tracks = music.tracks.filter((track) => !isGone(track));
  if (at < 0 || !isGone(music.tracks[at]!)) return { ...music, tracks };
  const next = [...music.tracks.slice(at), ...music.tracks.slice(0, at)].find((track) => !isGone(track));
  return { ...music, tracks, track: next?.id ?? null, position: 0, since: music.since && new Date(now).toISOString() };
}

/** The music after an event of the room. Each may be taken twice. now: the server's time, roughly. */
export function take(music: Music, { type, data }: Pick<StreamEvent, 'type' | 'data'>, now: number): Music {
  if (type === 'track.added') {
    const track = data as unknown as Track;
    const { tracks, ...rest } = rebased(music, now);
    return tracks.some(({ id }) => id === track.id) ? music : { ...rest, tracks: [...tracks, track] };
  }
  if (type === 'track.removed') return without(music, ({ id }) => id === data.id, now);
  if (type === 'message.deleted') return without(music, ({ message }) => message === (data.message as { seq: number }).seq, now);
  if (type !== 'music.updated') return music;
  const { track, state, position, since } = data as unknown as Music;
  return { ...music, track, state, position, since };
}
