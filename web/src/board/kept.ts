// SPDX-License-Identifier: MIT
// What one has drawn and taken off and the server has not confirmed, as the store keeps it: by room, and in which rooms there
// is something. All windows of a person read and write the same.
import { store } from '../store';
import type { Shape } from './shape';

/** A piece of a line, or, without points, that the line is to be taken off. line: the name of the line here; first: the id of
 *  its first stroke, once it has one. */
export interface Kept extends Partial<Shape> { id: string; line: string; first: number | null }

function read<T>(key: string): T[] {
  try {
    return JSON.parse(store.get(key) ?? '[]') as T[];
  } catch {
    return [];
  }
}

function write(key: string, all: unknown[]): void {
  if (all.length > 0) store.set(key, JSON.stringify(all));
  else store.remove(key);
}

export const keptIn = (me: number, room: number): Kept[] => read(`board.${me}.${room}`);
export const keptRooms = (me: number): number[] => read(`boards.${me}`);

export function keep(me: number, room: number, change: (all: Kept[]) => Kept[]): void {
  const all = change(keptIn(me, room));
  write(`board.${me}.${room}`, all);
  const rooms = keptRooms(me);
  if (rooms.includes(room) === all.length > 0) return;
  write(`boards.${me}`, all.length > 0 ? [...rooms, room] : rooms.filter((other) => other !== room));
}
