// SPDX-License-Identifier: MIT
// An open room: the head, the conversation, the field to write in, and who is here.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { calls, hear } from '../call/state';
import { t } from '../i18n';
import { problemText } from '../problem';
import { NoticeBar } from '../room/bar';
import { roomOf, roomTitle } from '../rooms/rooms';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { Composer } from './composer';
import { Conversation } from './conversation';
import { fitHead, Head } from './head';
import { People } from './people';
import { openChat, type Chat } from './state';

const PANELS = { todos: lazy(() => import('../todos/panel')), study: lazy(() => import('../study/panel')), music: lazy(() => import('../music/panel')),
  board: lazy(() => import('../board/panel')) };
const CallBanner = lazy(() => import('../call/banner'));
/** What may stand beside the conversation. */
export type Panel = keyof typeof PANELS;

export function ChatScreen({ id }: { id: number }) {
  const chat = useMemo(() => openChat(id), []);
  const showPeople = useSignal(false);
  const panel = useSignal<Panel | null>(null);
  // Another panel would lie under the list of people.
  useEffect(() => panel.subscribe(() => { showPeople.value = false; }), []);
  useEffect(() => () => {
    chat.close();
    document.title = 'Maru';
  }, []);
  // Not every room that one is in is listened to elsewhere.
  useEffect(() => chat.room.on('events', (events) => { for (const { seq, type, data } of events) hear(id, type, { ...data, seq }); }), []);
  useEffect(() => {
    // What lies over them goes first.
    const close = ({ key }: KeyboardEvent) => { if (key === 'Escape' && !document.querySelector('dialog[open]')) showPeople.value = false; };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
  return (
    <>
      <main id="room" data-room={id}>
        <Title chat={chat} id={id} />
        <Head chat={chat} id={id} showPeople={showPeople} panel={panel} />
        {calls.value.has(id) && <CallBanner room={id} />}
        <NoticeBar chat={chat} />
        <Trouble chat={chat} />
        <Outcome chat={chat} />
        <Conversation chat={chat} />
        <Composer chat={chat} />
      </main>
      <People chat={chat} show={showPeople} />
      <Beside chat={chat} panel={panel} />
    </>
  );
}

function Beside({ chat, panel }: { chat: Chat; panel: Signal<Panel | null> }) {
  const name = panel.value;
  const closed = useRef<Panel | null>(null);
  // When it is gone, the head may have room for its button again.
  useLayoutEffect(() => {
    if (!closed.current) return;
    fitHead();
    const toggle = document.getElementById(`${closed.current}-toggle`);
    (toggle?.checkVisibility() ? toggle : document.getElementById('room-menu'))?.focus();
    closed.current = null;
  }, [name]);
  if (!name) return null;
  const View = PANELS[name];
  return <View key={name} chat={chat} close={() => {
    closed.current = name;
    panel.value = null;
  }} />;
}

function Title({ chat, id }: { chat: Chat; id: number }) {
  const room = chat.info.value ?? roomOf(id);
  useEffect(() => { document.title = room ? `${roomTitle(room)} · Maru` : 'Maru'; });
  return null;
}

// `lost` may come with no words of its own: the room says itself that it was deleted.
function Trouble({ chat }: { chat: Chat }) {
  const lost = chat.lost.value;
  const gone = lost === undefined ? '' : lost && lost.status !== 403 ? problemText(lost) : t('removed');
  const wasDeleted = chat.version.value >= 0 && chat.room.timeline.lines.at(-1)?.event?.type === 'room.deleted';
  const passing = chat.trouble.value ? t('catchUpFailed') : '';
  return <p id="room-trouble" role="alert">{wasDeleted ? '' : gone || passing}</p>;
}

// What came of something that was tried in the head or the list of people.
function Outcome({ chat }: { chat: Chat }) {
  const outcome = chat.outcome.value;
  const words = typeof outcome === 'string' ? outcome : outcome !== null ? problemText(outcome) : '';
  return (
    <p id="outcome" role={typeof outcome === 'string' ? 'status' : 'alert'}>
      {words && <><span>{words}</span><button type="button" class="small bare" aria-label={t('close')} onClick={() => { chat.outcome.value = null; }}><Icon name="close" /></button></>}
    </p>
  );
}
