// SPDX-License-Identifier: MIT
// The call that this window is in: who is in it, how it goes, and what can be done.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { me } from '../maru';
import { roomPath } from '../router';
import { now } from '../study/clock';
import { useDesksOf } from '../study/desks';
import { calls, talk, type Call, type Talk } from './state';
import { Controls, OverControls } from './controls';
import type { Other } from './line';
import { callPlace } from './parts';
import { current, type Session } from './session';
import { Tile } from './tile';
import { deviceText, personName, placeName, spanText } from './words';

const TOLD = 12000; // milliseconds that a problem with a device is shown

export default function CallWindow() {
  const section = useRef<HTMLElement>(null);
  const shown = talk.value;
  // The button that led here is gone.
  useEffect(() => { if (document.activeElement === document.body) section.current?.focus({ preventScroll: true }); }, []);
  if (!shown) return null;
  const session = current.value;
  const call = calls.value.get(shown.room);
  return (
    <section id="call" ref={section} tabIndex={-1} class={callPlace.value} aria-label={t('callWith', { name: placeName(shown.room) })}
      data-state={shown.state} data-error={shown.error} data-call={shown.call}>
      <header>
        {callPlace.value === 'small' ? <a href={roomPath(shown.room)}><bdi>{placeName(shown.room)}</bdi></a> : <strong><bdi>{placeName(shown.room)}</bdi></strong>}
        <Span shown={shown} />
      </header>
      {session && <Tiles session={session} shown={shown} call={call?.id === shown.call ? call : undefined} />}
      <p class="call-state" role="status">{stateText(shown, call, session?.line.value?.away?.value)}</p>
      {session && <Problem session={session} />}
      {session ? <Controls session={session} shown={shown} section={section} /> : <OverControls shown={shown} />}
    </section>
  );
}

function Span({ shown }: { shown: Talk }) {
  if (shown.since === undefined || shown.over) return null;
  void now.value; // goes on every second
  return <span class="clock" role="timer" aria-label={t('callSpan')}>{spanText(Date.now() - shown.since)}</span>;
}

function callingText({ room, call: id }: Talk, call: Call | undefined): string {
  const rung = call?.id === id ? call.members.filter(({ state }) => state === 'ringing') : [];
  if (rung.length === 0) return id === 0 ? t('callStarting') : t('callAlone');
  return t('callCalling', { name: rung.map(({ user }) => personName(room, user)).join(', ') });
}

function stateText(shown: Talk, call: Call | undefined, away = false): string {
  const { state, outcome, error, since } = shown;
  if (outcome !== undefined) return outcome;
  if (state === 'requesting') return callingText(shown, call);
  if (state === 'connecting') return t('callConnecting');
  if (state === 'reconnecting') return t('callReconnecting');
  if (state === 'failed') return t(away ? 'callServerAway' : error === 'TIMEOUT' ? 'callTimeout' : 'callFailed');
  if (error === 'QUALITY_WARNING') return t('callPoor');
  const isAlone = !call?.members.some(({ user }) => user !== me.value?.id);
  return isAlone ? t('callAlone') : since === undefined ? t('callConnecting') : '';
}

function Problem({ session }: { session: Session }) {
  const { problem: { value: problem } } = session.media;
  useEffect(() => {
    const timer = setTimeout(() => { if (session.media.problem.peek() === problem) session.media.problem.value = null; }, TOLD);
    return () => clearTimeout(timer);
  }, [problem]);
  return <p class="call-problem error" role="alert">{problem ? deviceText(problem) : ''}</p>;
}

function noteOf({ state, link }: Other): string | undefined {
  if (state === 'failed') return t('callNoWay');
  if (state !== 'connected') return t('callConnecting');
  return link.verdict === 'good' ? undefined : t('callPoorMark');
}

// Of a few the width decides; of many all are to be seen at once, or scrolled to where they do not fit.
const columnsFor = (count: number): number | undefined => (count <= 4 ? undefined : count <= 9 ? 3 : count <= 12 ? 4 : 5);

function Tiles({ session, shown, call }: { session: Session; shown: Talk; call: Call | undefined }) {
  const all = session.line.value?.others.value ?? [];
  const rung = call?.members.filter(({ state }) => state === 'ringing') ?? [];
  const { media } = session;
  const { desks } = useDesksOf(shown.room);
  const count = 1 + all.length + rung.length;
  const deskOf = (user: number) => desks?.find((desk) => desk.user === user);
  return (
    <ul class="tiles" data-count={count} data-columns={columnsFor(count)} tabIndex={columnsFor(count) && 0} aria-label={t('callPeople')}>
      {all.map((other) => (
        <Tile key={other.peer} room={shown.room} user={other.user} stream={other.link.stream} on={other.on} state={other.state} note={noteOf(other)} desk={deskOf(other.user)} />
      ))}
      {rung.map(({ user }) => <Tile key={user} room={shown.room} user={user} stream={null} on={null} state="ringing" note={t('callRings')} />)}
      <Tile key="own" own room={shown.room} user={me.value?.id ?? 0} stream={media.preview.value} on={media.on.value} state="own" desk={deskOf(me.value?.id ?? 0)} />
    </ul>
  );
}
