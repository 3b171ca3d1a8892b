// SPDX-License-Identifier: MIT
// Who sits at the desks of a room.
import { useEffect, useState } from 'preact/hooks';
import type { Data, Off, StreamEvent } from 'maru-client';
import type { Chat } from '../chat/state';
import { rest } from '../maru';
import { onRoom } from '../rooms/unread';
import { Reading } from '../ui/reading';
import type { Desk } from './own';

/** What is told, and that all is to be read anew. */
type Heard = Pick<StreamEvent, 'type' | 'data'>;
type Listen = (hear: (events: Heard[]) => void, reload: () => void) => Off;

const GONE = /^(desk\.left|member\.(left|kicked|banned))$/;

// Each event has the whole desk, so it does no harm to take one twice.
function take(desks: readonly Desk[], { type, data }: Heard): readonly Desk[] {
  const isGone = GONE.test(type);
  if (!isGone && type !== 'desk.updated') return desks;
  const user = Number(type.startsWith('member.') ? data.id : data.user);
  const others = desks.filter((desk) => desk.user !== user);
  return isGone ? others : [...others, data as unknown as Desk];
}

async function readAll(room: number): Promise<readonly Desk[]> {
  const all: Desk[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const { desks, next } = await rest.get('/v1/rooms/{room}/desks', { room, limit: 100, ...cursor && { cursor } });
    all.push(...desks);
    more = next !== null;
    cursor = String(next);
  }
  return all;
}

function useDesks(room: number, listen: Listen): { desks: readonly Desk[] | null; problem: unknown } {
  const [desks, setDesks] = useState<readonly Desk[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const reading = new Reading<Heard>();
    const reload = () => {
      reading.read(() => readAll(room), (all, told) => {
        setDesks(told.reduce(take, all));
        setProblem(null);
      }).catch(setProblem);
    };
    const off = listen((events) => {
      reading.tell(...events);
      setDesks((before) => before && events.reduce(take, before));
    }, reload);
    reload();
    return off;
  }, [room]);
  return { desks: desks && [...desks].sort((a, b) => Date.parse(a.sat_at) - Date.parse(b.sat_at)), problem };
}

/** The desks of the open room, who sits longest first; null until they are known. */
export const useDesksHere = ({ room }: Chat) => useDesks(room.id, (hear, reload) => {
  const offs = [room.on('events', hear), room.on('reset', reload)];
  return () => { for (const off of offs) off(); };
});

/** The same of one of one's rooms, open or not. */
export const useDesksOf = (id: number) => useDesks(id, (hear, reload) => onRoom((room: number, type: string, data: Data) => {
  if (room !== id) return;
  if (type !== 'subscribed') hear([{ type, data }]);
  else if (data.recovered !== true) reload();
}));
