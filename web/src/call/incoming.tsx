// SPDX-License-Identifier: MIT
// A call that rings, and one that a reload has interrupted: small cards over the page that let one go on with what one does.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { maru } from '../maru';
import { profileOf } from '../me/people';
import { ring, tellDesktop } from '../notify/alert';
import { roomPath } from '../router';
import { roomEmblem, roomOf } from '../rooms/rooms';
import { isMuted, waiting } from '../rooms/unread';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { hush, interrupted, ringers, ringing, seatIn, session, type Call } from './state';
import { personName, placeName } from './words';

const AGAIN = 3000; // milliseconds between two rings

export default function Incoming() {
  const call = ringing.value;
  if (call) return <Ringing key={call.id} call={call} />;
  return interrupted.value > 0 ? <Interrupted room={interrupted.value} /> : null;
}

function Card({ id, heading, about, face, children }: { id: string; heading: string; about: string; face: ComponentChildren; children: ComponentChildren }) {
  const card = useRef<HTMLElement>(null);
  // Whoever writes goes on writing, and is told by voice only.
  const [isBusy] = useState(() => document.activeElement?.matches('input, textarea, dialog *') === true);
  useLayoutEffect(() => { if (!isBusy) card.current?.focus(); }, []);
  return (
    <section id={id} class="call-card" ref={card} tabIndex={-1} role="alertdialog" aria-labelledby={`${id}-heading`} aria-describedby={`${id}-about`}>
      {face}
      <div class="text" role={isBusy ? 'alert' : undefined}><h2 id={`${id}-heading`} dir="auto">{heading}</h2><p id={`${id}-about`} dir="auto">{about}</p></div>
      <div class="acts">{children}</div>
    </section>
  );
}

// Rings in one window until somebody does something about it, or for as long as the server says.
function useRinging(call: Call, name: string): void {
  const told = useRef(false);
  const one = waiting.value.get(call.room);
  const isQuiet = one !== undefined && isMuted(one);
  useEffect(() => {
    const until = Date.parse(seatIn(call)?.rings_until ?? '') || maru.http.now + 60000;
    const over = setTimeout(() => hush(call.id), Math.max(0, until - maru.http.now) + 1000);
    const sound = () => { if (maru.hub.isLeader) ring(); };
    if (!isQuiet) sound();
    const timer = isQuiet ? undefined : setInterval(sound, AGAIN);
    return () => {
      clearInterval(timer);
      clearTimeout(over);
    };
  }, [call.id, isQuiet]);
  useEffect(() => {
    if (told.current || isQuiet || !name) return undefined;
    told.current = true;
    const note = tellDesktop({ key: `call:${call.id}`, face: { id: call.room, name }, title: name, text: t('callIncoming'), path: roomPath(call.room) });
    return () => void note.then((close) => close());
  }, [name === '']);
}

function Ringing({ call }: { call: Call }) {
  const from = ringers.get(call.id) ?? call.started_by;
  const name = personName(call.room, from);
  useRinging(call, name);
  const room = roomOf(call.room);
  const emblem = room?.partner?.id === from ? roomEmblem(room) : profileOf(from).value?.avatar;
  const accept = (video: boolean) => () => void session().then(({ join }) => join(call, video));
  return (
    <Card id="incoming" heading={name} about={room?.partner ? t('callIncoming') : t('callIncomingIn', { room: placeName(call.room) })} face={<Avatar id={from} name={name} emblem={emblem} />}>
      {call.video && <button type="button" class="primary" id="accept-video" onClick={accept(true)}><Icon name="video" />{t('callAccept')}</button>}
      <button type="button" class={call.video ? '' : 'primary'} id="accept-audio" onClick={accept(false)}><Icon name="phone" />{t(call.video ? 'callAudioOnly' : 'callAccept')}</button>
      <button type="button" class="danger" id="reject" onClick={() => void session().then(({ reject }) => reject(call))}><Icon name="hangUp" />{t('callReject')}</button>
    </Card>
  );
}

function Interrupted({ room }: { room: number }) {
  const known = roomOf(room);
  const name = placeName(room);
  if (!known) return null;
  return (
    <Card id="interrupted" heading={name} about={t('callInterrupted')} face={<Avatar id={known.partner?.id ?? room} name={name} emblem={roomEmblem(known)} square={!known.partner} />}>
      <button type="button" class="primary" id="call-back" onClick={() => void session().then(({ start }) => start(room, true))}><Icon name="video" />{t('callBack')}</button>
      <button type="button" id="call-back-audio" onClick={() => void session().then(({ start }) => start(room, false))}><Icon name="phone" />{t('callAudioOnly')}</button>
      <button type="button" id="call-forget" onClick={() => { interrupted.value = 0; }}>{t('callForget')}</button>
    </Card>
  );
}
