// SPDX-License-Identifier: MIT
// Who is banned from the room, why and for how long; moderators lift bans.
import { useEffect } from 'preact/hooks';
import type { Got } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import type { RoomDialog } from './dialogs';
import { Frame, useAsked } from './frame';
import { whenText } from './when';

type Ban = Got<'/v1/rooms/{room}/bans'>['bans'][number];

export function Bans({ chat, close }: RoomDialog) {
  const room = chat.room.id;
  const { answer: bans, setAnswer, problem, attempt } = useAsked(async () => {
    const all: Ban[] = [];
    for (let cursor: number | null = 0; cursor !== null;) {
      const page: Got<'/v1/rooms/{room}/bans'> = await rest.get('/v1/rooms/{room}/bans', { room, limit: 100, ...cursor > 0 && { cursor: String(cursor) } });
      all.push(...page.bans);
      cursor = page.next;
    }
    return all;
  });
  useEffect(() => chat.room.on('events', (events) => {
    for (const { type, data } of events) {
      if (type !== 'member.banned' && type !== 'member.unbanned') continue;
      const ban = data as unknown as Ban;
      setAnswer((before) => [...(before ?? []).filter(({ id }) => id !== ban.id), ...type === 'member.banned' ? [ban] : []]);
    }
  }), []);
  const lift = (user: number) => attempt(() => rest.delete('/v1/rooms/{room}/bans/{user}', { room, user }));
  return (
    <Frame id="bans" heading={t('bans')} problem={problem} close={close}>
      {bans?.length === 0 && <p class="empty">{t('noBans')}</p>}
      <ul class="entries">{bans?.map((ban) => {
        const name = ban.nickname ?? `#${ban.id}`;
        return (
          <li key={ban.id}>
            <div class="text"><strong dir="auto">{name}</strong>
              <small>{ban.until ? t('bannedUntil', { time: whenText(ban.until) }) : t('bannedForGood')}{ban.reason && <> · <bdi>{ban.reason}</bdi></>}</small></div>
            <button type="button" class="small" aria-label={t('banLiftOf', { name })} onClick={() => void lift(ban.id)}>{t('banLift')}</button>
          </li>
        );
      })}</ul>
    </Frame>
  );
}
