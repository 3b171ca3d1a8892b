// SPDX-License-Identifier: MIT
// What somebody has studied on one day, session by session, and how to put it right.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import { clockTime, language, t } from '../i18n';
import { maru, rest } from '../maru';
import { Menu } from '../room/menu';
import { roomOf, roomTitle } from '../rooms/rooms';
import { ask, confirmed, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { HOUR } from './clock';
import type { Stats } from './stats';
import { fullDay, spanText } from './words';
import { dayOf, instantOf, wallOf } from './zone';

type Session = Got<'/v1/study-sessions'>['sessions'][number];
interface Times { started_at: string; ended_at: string }

interface SessionsProps { date: string; stats: Stats; changed: () => void; close: () => void }

export function Sessions({ date, stats, changed, close }: SessionsProps) {
  const [sessions, setSessions] = useState<readonly Session[] | null>(null);
  const [trouble, attempt] = useAttempt();
  const adding = useRef<HTMLButtonElement>(null);
  const zone = stats.time_zone;
  const runs = date === stats.today.date ? stats.desk?.since : undefined;
  const load = () => void attempt(async () => setSessions((await rest.get('/v1/study-sessions', { date })).sessions));
  // What runs becomes a session when it stops.
  useEffect(load, [stats.desk?.since]);
  const done = () => {
    load();
    changed();
  };
  const add = () => void ask((end) => <Edit heading={t('sessionAdd')} zone={zone} times={proposed(date, stats)} close={() => end(null)}
    submit={async (times) => { await rest.post('/v1/study-sessions', {}, times).then(done); }} />);
  const remove = (session: number) => void attempt(async () => {
    if (!await confirmed(t('sessionRemoveAsk'), t('remove'))) return;
    adding.current?.focus(); // its row goes
    await rest.delete('/v1/study-sessions/{session}', { session }).then(done);
  });
  return (
    <section class="sessions" aria-labelledby="sessions-heading">
      <div class="part-head"><h3 id="sessions-heading">{fullDay(date)}</h3>
        <button type="button" class="square" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button></div>
      <Trouble text={trouble} />
      {sessions?.length === 0 && !runs && <p class="empty">{t('noSessions')}</p>}
      <ul aria-labelledby="sessions-heading">{sessions?.map((session) => <Row key={session.id} session={session} zone={zone} done={done} remove={remove} />)}
        {runs && <li data-running><span class="text"><span class="title">{t('sessionRuns', { time: clockTime(new Date(runs)) })}</span></span></li>}
      </ul>
      <button type="button" ref={adding} onClick={add}><Icon name="plus" />{t('sessionAdd')}</button>
    </section>
  );
}

// An hour: up to now or to what is running, or one in the morning of that day.
function proposed(date: string, { time_zone, day_start, desk }: Stats): Times {
  const { now } = maru.http;
  const isToday = dayOf(now, time_zone, day_start) === date;
  const from = isToday ? Date.parse(desk?.since ?? new Date(now).toISOString()) - HOUR : instantOf(`${date}T${String(Math.max(9, day_start)).padStart(2, '0')}:00`, time_zone);
  return { started_at: new Date(from).toISOString(), ended_at: new Date(from + HOUR).toISOString() };
}

// What is not different is not said: it would be marked as corrected.
const changesOf = (before: Times, now: Times): Partial<Times> => ({
  ...now.started_at !== before.started_at && { started_at: now.started_at }, ...now.ended_at !== before.ended_at && { ended_at: now.ended_at },
});

function Row({ session, zone, done, remove }: { session: Session; zone: string; done: () => void; remove: (id: number) => void }) {
  const { id, room, started_at, ended_at, corrected } = session;
  const [from, to] = [new Date(started_at), new Date(ended_at)];
  const times = new Intl.DateTimeFormat(language.value, { timeZone: zone, hour: 'numeric', minute: '2-digit' }).formatRange(from, to);
  const place = room ? roomOf(room) : undefined;
  const correct = () => void ask((end) => <Edit heading={t('sessionCorrect')} zone={zone} times={session} close={() => end(null)}
    submit={async (times) => { await rest.patch('/v1/study-sessions/{session}', { session: id }, changesOf(session, times)).then(done); }} />);
  return (
    <li data-session={id}>
      <span class="text">
        <span class="title">{times}{corrected && <span class="tag">{t('corrected')}</span>}</span>
        <small>{spanText(to.getTime() - from.getTime())}{place && <> · <bdi>{roomTitle(place)}</bdi></>}</small>
      </span>
      <Menu class="small bare" label={t('sessionMenu', { times })} items={() => [
        { label: t('sessionCorrect'), icon: 'pencil', act: correct },
        { label: t('remove'), icon: 'trash', danger: true, act: () => remove(id) },
      ]} />
    </li>
  );
}

interface EditProps { heading: string; zone: string; times: Times; submit: (times: Times) => Promise<void>; close: () => void }

// A time that was left as it was keeps its seconds.
function Edit({ heading, zone, times, submit, close }: EditProps) {
  const [from, to] = [wallOf(Date.parse(times.started_at), zone), wallOf(Date.parse(times.ended_at), zone)];
  const read = (form: HTMLFormElement, name: keyof Times, before: string): string => {
    const wall = valueOf(form, name);
    return wall === before ? times[name] : wall && new Date(instantOf(wall, zone)).toISOString();
  };
  const send = async (form: HTMLFormElement) => {
    await submit({ started_at: read(form, 'started_at', from), ended_at: read(form, 'ended_at', to) });
    close();
  };
  return (
    <FormDialog id="session" heading={heading} about={t('sessionZone', { zone: zone.replaceAll('_', ' ') })} yes={t('save')} close={close} submit={send}>
      <Field name="started_at" label={t('sessionFrom')} type="datetime-local" defaultValue={from} required />
      <Field name="ended_at" label={t('sessionTo')} type="datetime-local" defaultValue={to} required />
    </FormDialog>
  );
}
