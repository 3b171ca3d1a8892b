// SPDX-License-Identifier: MIT
// What the host and the moderators do with the music; all but show() may reject with a Problem. What came of it is heard
// with the events of the room.
import { rest } from '../maru';
import { serverNow } from './clock';
import { neighbour, placeAt, type Music } from './timeline';

const BEGUN = 3000; // milliseconds of a track that are heard before "previous" means its own beginning

type Change = { track?: number; state?: 'playing' | 'paused'; position?: number };
const put = (room: number, change: Change) => rest.put('/v1/rooms/{room}/music', { room }, change);

export const choose = ({ room }: Music, track: number) => put(room, { track, position: 0, state: 'playing' });
export const seek = ({ room }: Music, position: number) => put(room, { position });
export const remove = ({ room }: Music, track: number) => rest.delete('/v1/rooms/{room}/tracks/{track}', { room, track });

export function play(music: Music) {
  if (music.state === 'playing') return put(music.room, { state: 'paused' });
  return music.track === null ? choose(music, music.tracks[0]!.id) : put(music.room, { state: 'playing' });
}

export function skip(music: Music, step: 1 | -1) {
  const place = placeAt(music, serverNow());
  if (place && step < 0 && place.position > BEGUN) return seek(music, 0);
  return put(music.room, { track: neighbour(music, place?.track.id ?? null, step)!.id, position: 0 });
}
