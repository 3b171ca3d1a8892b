// SPDX-License-Identifier: MIT
// The conversation: the messages of the room, below them what is not confirmed yet.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { OutboxItem } from 'maru-client';
import { dayName, language, t, zone } from '../i18n';
import { me } from '../maru';
import { problemText } from '../problem';
import { route } from '../router';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { VirtualList } from '../ui/virtual';
import { draftOf } from './draft';
import { openGallery } from './gallery';
import { rove, useArrows, useEditLast, useLongPress } from './keys';
import { LineView, PendingView } from './line';
import { ReplyChip } from './reply';
import { rowsOf, type Row } from './rows';
import type { Chat } from './state';
import { Talk, TalkContext, useTalk } from './talk';

const PILL = 1500; // milliseconds that the day stands there after scrolling

const keyOf = ({ line }: Row): number => line.seq;

export function Conversation({ chat }: { chat: Chat }) {
  const talk = useMemo(() => new Talk(chat), []);
  useEffect(() => () => talk.close(), []);
  useEditLast(talk);
  // A link to a message, #/rooms/5?at=123, may be followed while the room is open.
  const { screen, id, query } = route.value;
  const at = screen === 'room' && Number(id) === chat.room.id ? Number(query.get('at')) : 0;
  useEffect(() => { if (at > 0) void talk.jump(at); }, [route.value]);
  return (
    <TalkContext.Provider value={talk}>
      <Log chat={chat} />
      <Said />
      <ThreadSide />
      <ReplyChip draft={draftOf(chat.room.id)} room={chat.room} />
    </TalkContext.Provider>
  );
}

function Log({ chat }: { chat: Chat }) {
  const { room } = chat;
  const talk = useTalk();
  const list = useRef<VirtualList<Row>>(null);
  const atEnd = useSignal(true);
  const unseen = useSignal(0);
  const problem = useSignal<unknown>(null);
  const version = chat.version.value;
  const fresh = talk.fresh.value;
  const rows = useMemo(() => rowsOf(room.timeline.lines, fresh, me.peek()?.id ?? 0), [version, fresh, language.value, zone.value]);
  const top = useSignal('');
  const older = () => { room.older().catch((why) => { problem.value = why; }); };
  useEffect(() => room.on('events', (events) => {
    if (atEnd.peek()) return;
    unseen.value += events.filter(({ type, data }) => type === 'message.created' && data.sender !== me.value?.id && !data.thread).length;
  }), []);
  useOwn(chat, list);
  useWanted(talk, list, rows);
  useArrows('log');
  useLongPress(() => document.getElementById('conversation'), talk, 'room', (seq) => room.timeline.get(seq));
  // The newest page may be short on a tall screen.
  useEffect(() => { if (version > 0 && chat.opened.value && room.hasOlder && list.current && !list.current.isFull) older(); }, [chat.opened.value, version]);
  const onSight = (first: number, last: number) => {
    // Before, it is not known where one had stopped.
    if (chat.opened.value && !document.hidden && last >= first && rows[last]) room.read(list.current?.atEnd ? room.head : rows[last]!.line.seq);
    const { message } = rows[first]?.line ?? {};
    if (message) top.value = dayName(new Date(message.created_at));
    rove(document.getElementById('log'));
  };
  // Where nothing was ever said something may have happened all the same: a call that was missed.
  useEffect(() => { if (version > 0 && chat.opened.value && rows.length === 0 && !document.hidden) room.read(room.head); }, [chat.opened.value, version]);
  const numbers = chat.readers.value + chat.named.value;
  return (
    <>
      {problem.value && <p class="error" role="alert">{problemText(problem.value)}</p>}
      <DayPill day={top} list={list} />
      <VirtualList ref={list} id="scroller" label={t('messages')} items={rows} keyOf={keyOf} onTop={() => { if (room.hasOlder && chat.opened.value) older(); }}
        onEnd={(now) => {
          atEnd.value = now;
          unseen.value = 0;
        }}
        onSight={onSight}
        render={(row) => <LineView row={row} numbers={numbers} />}
        before={chat.opened.value && <Beginning hasOlder={room.hasOlder} older={older} />}
        after={<Pending items={chat.pending.value} chat={chat} />} />
      <div class="jump">
        <button type="button" id="jump" hidden={atEnd.value} onClick={() => list.current?.toEnd()}>
          <span>{unseen.value > 0 ? t('newMessages', { n: unseen.value }) : t('toEnd')}</span><Icon name="down" />
        </button>
      </div>
      <Announcer chat={chat} />
    </>
  );
}

type List = { current: VirtualList<Row> | null };

// Who sends something goes to the end.
function useOwn({ room }: Chat, list: List): void {
  useEffect(() => {
    const mine = (items: OutboxItem[]) => items.filter(isHere).length;
    let before = mine(room.outbox.items);
    return room.outbox.on('changed', (items) => {
      if (mine(items) > before) list.current?.toEnd();
      before = mine(items);
    });
  }, []);
}

// Goes to the message that somebody looks for, as soon as it is among the lines.
function useWanted(talk: Talk, list: List, rows: readonly Row[]): void {
  const wanted = talk.wanted.value;
  useEffect(() => {
    if (wanted === null || !list.current?.show(wanted)) return;
    talk.wanted.value = null;
    if (talk.editing.peek()?.seq !== wanted) talk.flash(wanted);
  }, [wanted, rows]);
}

function Beginning({ hasOlder, older }: { hasOlder: boolean; older: () => void }) {
  return (
    <>
      <button type="button" id="older" class="more" hidden={!hasOlder} onClick={older}>{t('older')}</button>
      <p id="beginning" class="empty" hidden={hasOlder}>{t('beginning')}</p>
    </>
  );
}

// What is answered in a thread stands there.
const isHere = ({ body }: OutboxItem): boolean => body.thread === undefined;

function Pending({ items, chat }: { items: OutboxItem[]; chat: Chat }) {
  return <ul id="pending" onClick={openGallery}>{items.filter(isHere).map((item) => <PendingView key={item.id} item={item} outbox={chat.room.outbox} />)}</ul>;
}

// New messages are read out; the list itself changes for other reasons, too.
function Announcer({ chat }: { chat: Chat }) {
  const text = useSignal('');
  useEffect(() => chat.room.on('events', (events) => {
    const last = events.filter(({ type, data }) => type === 'message.created' && data.sender !== me.value?.id && data.body).at(-1);
    if (last) text.value = `${chat.room.names.of(Number(last.data.sender))}: ${String(last.data.body)}`;
  }), []);
  return <p id="announcer" class="sr" role="log" aria-live="polite">{text}</p>;
}

// Which day it is at the top, while one scrolls.
function DayPill({ day, list }: { day: Signal<string>; list: List }) {
  const shown = useSignal(false);
  useEffect(() => {
    const box = list.current!.scroller.current!;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const scrolled = () => {
      clearTimeout(timer);
      shown.value = !list.current?.atEnd && box.scrollTop > 80;
      timer = setTimeout(() => { shown.value = false; }, PILL);
    };
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      clearTimeout(timer);
      box.removeEventListener('scroll', scrolled);
    };
  }, []);
  return <div class={shown.value ? 'day-pill on' : 'day-pill'} aria-hidden="true"><span>{day}</span></div>;
}

// What came of something that one did with a message.
function Said() {
  const talk = useTalk();
  const { problem, note, looking } = talk;
  return (
    <div id="said">
      <p role="status">{looking.value ? t('looking') : note.value}</p>
      {problem.value !== null && (
        <p class="error" role="alert"><span>{problemText(problem.value)}</span>
          <button type="button" aria-label={t('close')} onClick={() => { problem.value = null; }}><Icon name="close" /></button></p>
      )}
    </div>
  );
}

const ThreadPanel = lazy(() => import('./thread'));

function ThreadSide() {
  const talk = useTalk();
  const root = talk.thread.value;
  return root !== null ? <ThreadPanel key={root} root={root} /> : null;
}
