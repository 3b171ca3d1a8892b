// SPDX-License-Identifier: MIT
// The notices of the open room as they are now; the newest is the present one.
import { useEffect, useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import { maru, rest } from '../maru';
import { HOST, myRank, type Chat } from '../chat/state';
import { me } from '../maru';
import { Reading } from '../ui/reading';

export type Notice = Got<'/v1/rooms/{room}/notices'>['notices'][number];

// Keeps what is shown in step with the room. notice.created is told without `confirmed`.
function follow(chat: Chat, change: (what: (before: Notice[]) => Notice[]) => void, reload: () => void): () => void {
  const { room } = chat;
  const offs = [
    room.on('reset', reload),
    room.on('events', (events) => {
      for (const { type, data } of events) {
        const notice = data as unknown as Notice;
        if (type === 'notice.created') change((before) => [{ ...notice, confirmed: false }, ...before.filter(({ id }) => id !== notice.id)]);
        else if (type === 'notice.updated') change((before) => before.map((one) => (one.id === notice.id ? { ...one, ...notice } : one)));
        else if (type === 'notice.deleted') change((before) => before.filter(({ id }) => id !== data.id));
      }
    }),
    // How many have confirmed is told, but is no event.
    maru.listen(room.channel, (event, data) => {
      if (event === 'notice.confirmed') change((before) => before.map((one) => (one.id === data.notice ? { ...one, confirmations: Number(data.confirmations) } : one)));
    }),
  ];
  return () => { for (const off of offs) off(); };
}

/** The newest notices, at most so many; null: not known yet. */
export function useNotices(chat: Chat, limit: number): { notices: Notice[] | null; problem: unknown; confirm: (notice: Notice) => Promise<void> } {
  const room = chat.room.id;
  const [notices, setNotices] = useState<Notice[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const reading = new Reading<(before: Notice[]) => Notice[]>();
    const load = () => {
      reading.read(() => rest.get('/v1/rooms/{room}/notices', { room, limit }),
        (page, told) => setNotices(told.reduce((now, what) => what(now), page.notices))).catch(setProblem);
    };
    load();
    return follow(chat, (what) => {
      reading.tell(what);
      setNotices((before) => {
        const now = what(before ?? []);
        // The one before the last comes up again.
        if (now.length === 0 && before?.length) load();
        return now;
      });
    }, load);
  }, []);
  const confirm = async ({ id }: Notice) => {
    setProblem(null);
    try {
      await rest.put('/v1/rooms/{room}/notices/{notice}/confirmation', { room, notice: id });
      setNotices((before) => before?.map((one) => (one.id === id ? { ...one, confirmed: true } : one)) ?? null);
    } catch (why) {
      setProblem(why);
    }
  };
  return { notices, problem, confirm };
}

/** Who wrote it, the host and admins. */
export const mayChange = (chat: Chat, notice: Notice): boolean => notice.by_user === me.value?.id || myRank(chat) >= HOST;
