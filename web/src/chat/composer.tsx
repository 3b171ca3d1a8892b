// SPDX-License-Identifier: MIT
// Where messages are written: the field, files, stickers, other ways to send, and why one cannot write now.
import { useSignal, type Signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Menu, type MenuItems } from '../room/menu';
import { whenText } from '../room/when';
import { hasWaited } from '../router';
import { ask } from '../ui/dialog';
import { chooseEmoji } from '../ui/emoji';
import { Icon } from '../ui/icon';
import { draftOf, type Draft } from './draft';
import { takeFiles } from './drop';
import { runCommand } from './commands';
import { hindranceOf, useNow, waitOf } from './hindrance';
import type { Chat } from './state';
import { insert, Text } from './text';
import { Tray } from './tray';
import { Typing } from './typing';

type Say = (words: string, bad?: boolean) => void;
type Area = { current: HTMLTextAreaElement | null };

async function addEmoji(button: Element, draft: Draft, { current: area }: Area): Promise<void> {
  const emoji = await chooseEmoji(button);
  if (!emoji || !area) return;
  insert(area, draft, emoji);
  area.focus();
}

export function Composer({ chat }: { chat: Chat }) {
  const draft = draftOf(chat.room.id);
  const text = useRef<HTMLTextAreaElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const said = useSignal<{ text: string; bad: boolean } | null>(null);
  const stickers = useSignal(false);
  const say: Say = (words, bad = false) => { said.value = { text: words, bad }; };
  const now = useNow(chat);
  const hindrance = hindranceOf(chat, now);
  const wait = waitOf(chat, now);
  const enabled = chat.lost.value === undefined && hindrance === '';
  useEffect(() => takeFiles(document.getElementById('room')!, (files) => {
    if (text.current?.disabled) return;
    draft.add(files);
    text.current?.focus();
  }), []);
  // With the room, before anybody can go to something else in it. On a phone the keyboard would cover the conversation at once.
  useLayoutEffect(() => { if (hasWaited() && matchMedia('(pointer: fine)').matches) text.current?.focus(); }, []);
  const submit = async () => {
    said.value = null;
    text.current?.focus();
    if (wait > 0) return;
    if (draft.text.value.startsWith('/') && await runCommand(chat, draft, say)) return;
    draft.submit();
  };
  return (
    <>
      <p id="drop-hint" aria-hidden="true"><span>{t('dropHere')}</span></p>
      <Typing chat={chat} />
      <Words said={said} hindrance={hindrance} wait={wait} />
      <Tray draft={draft} />
      <form id="composer" onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}>
        <button type="button" id="attach" disabled={!enabled} aria-label={t('attach')} title={t('attach')} onClick={() => input.current?.click()}><Icon name="clip" /></button>
        <input type="file" id="file-input" ref={input} multiple hidden aria-label={t('attach')} onChange={({ currentTarget }) => {
          draft.add([...currentTarget.files ?? []]);
          currentTarget.value = '';
        }} />
        <div class="write">
          <Text draft={draft} chat={chat} field={text} enabled={enabled} submit={() => void submit()} />
          <div class="in-field">
            <button type="button" id="emoji-toggle" disabled={!enabled} aria-haspopup="dialog" aria-label={t('emoji')} title={t('emoji')}
              onClick={({ currentTarget }) => void addEmoji(currentTarget, draft, text)}><Icon name="smile" /></button>
            <button type="button" id="stickers-toggle" disabled={!enabled} aria-expanded={stickers.value} aria-label={t('roomStickers')} title={t('roomStickers')}
              onClick={() => { stickers.value = !stickers.value; }}><Icon name="sticker" /></button>
          </div>
        </div>
        <button id="send" class="primary" disabled={!enabled} aria-label={t('send')} title={t('send')}><Icon name="send" /></button>
        <Menu id="send-ways" label={t('sendWays')} disabled={!enabled} items={() => ways(chat, draft, stickers, say)}><Icon name="up" /></Menu>
        {stickers.value && enabled && <Late load={() => import('./stickers')} props={{ chat, draft, close: () => closeStickers(stickers, text), said }} />}
      </form>
    </>
  );
}

function closeStickers(open: Signal<boolean>, text: Area): void {
  open.value = false;
  text.current?.focus();
}

// A part of the page that is loaded when it is opened.
function Late<Props extends object>({ load, props }: { load: () => Promise<{ default: FunctionComponent<Props> }>; props: Props }) {
  const [View, setView] = useState<FunctionComponent<Props> | null>(null);
  useEffect(() => { void load().then(({ default: view }) => setView(() => view)); }, []);
  return View ? <View {...props} /> : null;
}

function ways(chat: Chat, draft: Draft, stickers: Signal<boolean>, say: Say): MenuItems {
  const later = async (when?: Date) => {
    const { sendLater } = await import('./later');
    await sendLater(chat, draft, when, say);
  };
  const list = async () => {
    const { ScheduledDialog } = await import('./later');
    await ask((close) => <ScheduledDialog room={chat.room.id} close={() => close(null)} />);
  };
  const poll = async () => {
    const { askPoll } = await import('./newpoll');
    await askPoll(chat.room.id);
  };
  const canLater = draft.text.value.trim() !== '' && draft.uploads.value.length === 0;
  return [
    ...canLater ? [
      ...suggestions().map(([key, when]) => ({ label: t(key), hint: whenText(when), icon: 'clock' as const, act: () => void later(when) })),
      { label: t('laterChoose'), icon: 'clock' as const, act: () => void later() }, null] : [],
    { label: t('laterList'), icon: 'menu', act: () => void list() },
    { label: t('pollNew'), icon: 'poll', act: () => void poll() },
    { label: t('roomStickers'), icon: 'sticker', act: () => { stickers.value = true; } },
  ];
}

// Later today, if there is a today left; tomorrow in the morning.
function suggestions(now = new Date()): ['laterToday' | 'laterTomorrow', Date][] {
  const at = (days: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const today = now.getHours() < 17 ? at(0, 18) : at(0, 21);
  return [...now.getHours() < 20 ? [['laterToday', today] as ['laterToday', Date]] : [], ['laterTomorrow', at(1, 9)]];
}

function Words({ said, hindrance, wait }: { said: Signal<{ text: string; bad: boolean } | null>; hindrance: string; wait: number }) {
  const now = said.value;
  return (
    <>
      <p id="hindrance" role="status">{hindrance}</p>
      {/* Not a live region: it changes every second. */}
      <p id="slow-wait" hidden={wait === 0 || hindrance !== ''}>{t('slowWait', { n: wait })}</p>
      <p id="composer-said" role={now?.bad ? 'alert' : 'status'} class={now?.bad ? 'error' : ''}>
        {now && <><span dir="auto">{now.text}</span><button type="button" class="small" aria-label={t('close')} onClick={() => { said.value = null; }}><Icon name="close" /></button></>}
      </p>
    </>
  );
}
