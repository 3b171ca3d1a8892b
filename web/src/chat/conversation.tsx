// SPDX-License-Identifier: MIT
// The conversation: the messages of the room, below them what is not confirmed yet.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Line, OutboxItem } from 'maru-client';
import { dayKey, language, t, zone } from '../i18n';
import { me } from '../maru';
import { problemText } from '../problem';
import { Icon } from '../ui/icon';
import { VirtualList } from '../ui/virtual';
import { openGallery } from './gallery';
import { LineView, PendingView } from './line';
import type { Chat } from './state';

const TOGETHER = 5 * 60 * 1000; // messages of one person within this time share one head

/** A line with what of its neighbours matters for its looks. */
export interface Row { line: Line; day: boolean; again: boolean }

const dateOf = ({ message }: Line): Date => new Date(message?.created_at ?? 0);

// Only messages tell when they happened. Answers in threads stand in their thread.
function rowsOf(lines: readonly Line[]): Row[] {
  const rows: Row[] = [];
  let last: Line | undefined; // the last message
  let before: Line | undefined;
  for (const line of lines) {
    if (line.message?.thread !== undefined) continue;
    const day = line.message !== undefined && (!last || dayKey(dateOf(line)) !== dayKey(dateOf(last)));
    const again = line.message !== undefined && !day && before !== undefined && before === last &&
      before.message!.sender === line.message.sender && dateOf(line).getTime() - dateOf(before).getTime() < TOGETHER;
    rows.push({ line, day, again });
    before = line;
    if (line.message) last = line;
  }
  return rows;
}

const keyOf = ({ line }: Row): number => line.seq;

export function Conversation({ chat }: { chat: Chat }) {
  const { room } = chat;
  const list = useRef<VirtualList<Row>>(null);
  const atEnd = useSignal(true);
  const unseen = useSignal(0);
  const problem = useSignal<unknown>(null);
  const version = chat.version.value;
  const rows = useMemo(() => rowsOf(room.timeline.lines), [version, language.value, zone.value]);
  const older = () => { room.older().catch((why) => { problem.value = why; }); };
  useEffect(() => room.on('events', (events) => {
    if (atEnd.peek()) return;
    unseen.value += events.filter(({ type, data }) => type === 'message.created' && data.sender !== me.value?.id && !data.thread).length;
  }), []);
  useEffect(() => {
    let before = room.outbox.items.length;
    return room.outbox.on('changed', ({ length }) => {
      if (length > before) list.current?.toEnd();
      before = length;
    });
  }, []);
  // The newest page may be short on a tall screen.
  useEffect(() => { if (version > 0 && chat.opened.value && room.hasOlder && list.current && !list.current.isFull) older(); }, [chat.opened.value, version]);
  const onSight = (first: number, last: number) => {
    if (!document.hidden && last >= first && rows[last]) room.read(list.current?.atEnd ? room.head : rows[last]!.line.seq);
  };
  const numbers = chat.readers.value + chat.named.value;
  return (
    <>
      {problem.value && <p class="error" role="alert">{problemText(problem.value)}</p>}
      <VirtualList ref={list} id="scroller" label={t('messages')} items={rows} keyOf={keyOf} onTop={() => { if (room.hasOlder && chat.opened.value) older(); }}
        onEnd={(now) => {
          atEnd.value = now;
          unseen.value = 0;
        }}
        onSight={onSight}
        render={(row) => <LineView row={row} room={room} numbers={numbers} />}
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

function Beginning({ hasOlder, older }: { hasOlder: boolean; older: () => void }) {
  return (
    <>
      <button type="button" id="older" class="more" hidden={!hasOlder} onClick={older}>{t('older')}</button>
      <p id="beginning" class="empty" hidden={hasOlder}>{t('beginning')}</p>
    </>
  );
}

function Pending({ items, chat }: { items: OutboxItem[]; chat: Chat }) {
  return <ul id="pending" onClick={openGallery}>{items.map((item) => <PendingView key={item.id} item={item} outbox={chat.room.outbox} />)}</ul>;
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
