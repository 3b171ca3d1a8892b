// SPDX-License-Identifier: MIT
// A thread beside the conversation: the message that was answered, the answers, a field of its own.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Thread } from 'maru-client';
import { t } from '../i18n';
import { problemText } from '../problem';
import { Icon } from '../ui/icon';
import { onArrow, rove, useLongPress } from './keys';
import { PendingView } from './line';
import { formatOf } from './markdown';
import { MessageLine } from './message';
import { follows } from './rows';
import { useTalk } from './talk';

const NEAR = 60;
const texts = new Map<string, string>(); // what is half written, by room and thread

export default function ThreadPanel({ root }: { root: number }) {
  const talk = useTalk();
  const { room } = talk;
  const thread = useMemo(() => room.thread(root), []);
  const version = useSignal(0);
  const loaded = useSignal(false);
  const problem = useSignal<unknown>(null);
  const panel = useRef<HTMLElement>(null);
  const [opener] = useState(() => document.activeElement as HTMLElement | null);
  const older = () => thread.older().then(() => { loaded.value = true; }, (why) => { problem.value = why; });
  useEffect(() => {
    const offs = [thread.on('changed', () => { version.value++; }), room.on('reset', () => { thread.timeline.clear(); void older(); })];
    void older();
    return () => {
      for (const off of offs) off();
      thread.close();
    };
  }, []);
  const close = () => {
    talk.thread.value = null;
    const isOpener = opener?.isConnected && opener.closest(`#log [data-seq="${root}"]`);
    (isOpener ? opener : document.querySelector<HTMLElement>(`#log [data-seq="${root}"] .acts`))?.focus();
  };
  useLongPress(() => panel.current, talk, 'thread', (seq) => thread.timeline.get(seq));
  return (
    <aside id="thread" class="beside" ref={panel} aria-labelledby="thread-heading" onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); }}>
      <header>
        <h2 id="thread-heading">{t('thread')}</h2>
        <button type="button" class="beside-close" id="thread-close" aria-label={t('threadClose')} title={t('threadClose')} onClick={close}><Icon name="close" /></button>
      </header>
      {problem.value !== null && <p class="error" role="alert">{problemText(problem.value)}</p>}
      <Answers thread={thread} version={version.value} loaded={loaded.value} older={older} />
      <Field root={root} />
    </aside>
  );
}

function Answers({ thread, version, loaded, older }: { thread: Thread; version: number; loaded: boolean; older: () => Promise<void> }) {
  const talk = useTalk();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const { chat } = talk;
  const pending = useComputed(() => chat.pending.value.filter(({ body }) => body.thread === thread.root));
  const flash = talk.flashing.value;
  useLayoutEffect(() => {
    const node = box.current!;
    if (atEnd.current || pending.value.length > 0) node.scrollTop = node.scrollHeight;
    rove(node.firstElementChild);
  }, [version, pending.value.length]);
  useEffect(() => {
    if (flash === null || !loaded) return;
    const line = box.current!.querySelector(`[data-seq="${flash}"]`);
    if (line) atEnd.current = false;
    line?.scrollIntoView({ block: 'center' });
  }, [flash, loaded]);
  const numbers = chat.readers.value + chat.named.value;
  const [first, ...answers] = thread.timeline.lines.flatMap(({ message }) => (message ? [message] : []));
  return (
    <div id="thread-scroller" ref={box} tabIndex={0} role="region" aria-label={t('threadMessages')} aria-busy={!loaded} onKeyDown={onArrow} onScroll={({ currentTarget: node }) => {
      atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR;
    }}>
      <div>
        {first && <MessageLine message={first} again={false} place="thread" numbers={numbers} />}
        {loaded && <p class="thread-count"><span>{t('replies', { n: Math.max(first?.replies?.count ?? 0, answers.length) })}</span></p>}
        {loaded && thread.hasOlder && <button type="button" class="more" onClick={() => void older()}>{t('older')}</button>}
        <ul id="thread-log" aria-label={t('threadMessages')}>
          {answers.map((message, i) => (
            <li key={message.seq} class="slot"><MessageLine message={message} again={i > 0 && follows(message, answers[i - 1]!)} place="thread" numbers={numbers} /></li>
          ))}
        </ul>
        <ul>{pending.value.map((item) => <PendingView key={item.id} item={item} outbox={talk.room.outbox} />)}</ul>
      </div>
    </div>
  );
}

function Field({ root }: { root: number }) {
  const { room, chat } = useTalk();
  const key = `${room.id} ${root}`;
  const field = useRef<HTMLTextAreaElement>(null);
  const enabled = chat.lost.value === undefined;
  const grow = () => {
    const area = field.current!;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
    texts.set(key, area.value);
  };
  useLayoutEffect(() => {
    field.current!.value = texts.get(key) ?? '';
    grow();
    if (matchMedia('(pointer: fine)').matches) field.current!.focus();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const body = field.current!.value.replace(/\s+$/, '');
    if (body.trim() === '') return;
    room.send({ body, thread: root, ...formatOf(body) });
    field.current!.value = '';
    grow();
    field.current!.focus();
  };
  return (
    <form id="thread-composer" onSubmit={submit}>
      <textarea id="thread-text" ref={field} rows={1} maxLength={4000} enterkeyhint="send" dir="auto" disabled={!enabled} aria-label={t('threadWrite')} placeholder={t('threadWrite')}
        onInput={grow} onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
        }} />
      <button class="primary" disabled={!enabled} aria-label={t('send')} title={t('send')}><Icon name="send" /></button>
    </form>
  );
}
