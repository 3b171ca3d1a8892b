// SPDX-License-Identifier: MIT
// Who sits at the desks of the open room.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { StreamEvent } from 'maru-client';
import type { Chat } from '../chat/state';
import { rest } from '../maru';
import type { Desk } from './own';

const GONE = /^(desk\.left|member\.(left|kicked|banned))$/;

// Each event has the whole desk, so it does no harm to take one twice.
function take(desks: readonly Desk[], { type, data }: StreamEvent): readonly Desk[] {
  const isGone = GONE.test(type);
  if (!isGone && type !== 'desk.updated') return desks;
  const user = Number(type.startsWith('member.') ? data.id : data.user);
  const others = desks.filter((desk) => desk.user !== user);
  return isGone ? others : [...others, data as unknown as Desk];
}

async function readAll(room: number): Promise<Desk[]> {
  const all: Desk[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const { desks, next } = await rest.get('/v1/rooms/{room}/desks', { room, limit: 100, ...cursor && { cursor } });
    all.push(...desks);
    more = next !== null;
    cursor = String(next);
  }
  return all;
}

/** The desks of a room, who sits longest first; null until they are known. */
export function useDesks({ room }: Chat): { desks: readonly Desk[] | null; problem: unknown } {
  const [desks, setDesks] = useState<readonly Desk[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const early = useRef<StreamEvent[] | null>(null); // what is told while the list is on its way
  useEffect(() => {
    const load = async () => {
      const meanwhile: StreamEvent[] = early.current = [];
      const all = await readAll(room.id);
      if (early.current !== meanwhile) return; // asked anew
      early.current = null;
      setDesks(meanwhile.reduce(take, all as readonly Desk[]));
      setProblem(null);
    };
    const reload = () => { load().catch(setProblem); };
    const offs = [room.on('events', (events) => {
      early.current?.push(...events);
      setDesks((before) => before && events.reduce(take, before));
    }), room.on('reset', reload)];
    reload();
    return () => { for (const off of offs) off(); };
  }, []);
  return { desks: desks && [...desks].sort((a, b) => Date.parse(a.sat_at) - Date.parse(b.sat_at)), problem };
}
