// SPDX-License-Identifier: MIT
// Who has studied longest in a room, on a day, in a week or month.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import type { Chat } from '../chat/state';
import { number, t, type TextKey } from '../i18n';
import { maru, me, rest } from '../maru';
import { problemText } from '../problem';
import { Avatar } from '../ui/avatar';
import { Choices } from '../ui/choose';
import { Trouble } from '../ui/pages';
import { now } from './clock';
import type { Desk } from './own';
import { spanText } from './words';

const PERIODS = ['day', 'week', 'month'] as const;
const EACH = 100; // milliseconds to wait for each who sits
type Period = (typeof PERIODS)[number];
type Place = Got<'/v1/rooms/{room}/study-ranking'>['ranking'][number];

export function Ranking({ chat, desks }: { chat: Chat; desks: readonly Desk[] }) {
  const [period, setPeriod] = useState<Period>('week');
  const [{ ranking, at }, setKnown] = useState<{ ranking: readonly Place[] | null; at: number }>({ ranking: null, at: 0 });
  const [problem, setProblem] = useState<unknown>(null);
  const run = useRef(0);
  const room = chat.room.id;
  const load = () => {
    const mine = ++run.current;
    rest.get('/v1/rooms/{room}/study-ranking', { room, period }).then((now) => {
      if (run.current !== mine) return;
      setKnown({ ranking: now.ranking, at: maru.http.now });
      setProblem(null);
    }, setProblem);
  };
  // Whenever a clock begins to run or stops, what it has measured is counted; where many sit, not by all pages at once.
  const running = desks.map(({ user, since }) => `${user} ${since}`).sort().join();
  const last = useRef(period);
  useEffect(() => {
    const isTold = last.current === period && ranking !== null;
    last.current = period;
    const timer = setTimeout(load, isTold ? Math.random() * EACH * desks.length : 0);
    return () => clearTimeout(timer);
  }, [period, running]);
  const live = (ranking ?? []).map((place) => ({ ...place, studied: place.studied + (desks.some(({ user, since }) => since && user === place.user) ? Math.max(0, now.value - at) : 0) }));
  return (
    <section class="ranking">
      <Choices name="ranking" label={t('ranking')} value={period} options={PERIODS.map((value) => ({ value, label: t(`ranking.${value}` as TextKey) }))} onChange={(value) => setPeriod(value as Period)} />
      <Trouble text={problem ? problemText(problem) : ''} />
      {ranking?.length === 0 && <p class="empty">{t('noRanking')}</p>}
      <ol class="desks" aria-label={t('ranking')}>
        {live.sort((a, b) => b.studied - a.studied).map((place, i) => <Row key={place.user} place={place} rank={i + 1} chat={chat} />)}
      </ol>
    </section>
  );
}

function Row({ place: { user, studied, corrected }, rank, chat }: { place: Place; rank: number; chat: Chat }) {
  const { names } = chat.room;
  const name = chat.named.value >= 0 ? names.of(user) : '';
  return (
    <li data-user={user}>
      <span class="rank">{number(rank)}</span>
      <Avatar id={user} name={name} emblem={names.avatarOf(user)} />
      <span class="text"><span class="name" dir="auto">{name}</span>{corrected > 0 && <small>{t('correctedOf', { time: spanText(corrected) })}</small>}</span>
      {user === me.value?.id && <span class="tag">{t('you')}</span>}
      <span class="clock">{spanText(studied)}</span>
    </li>
  );
}
