// SPDX-License-Identifier: MIT
// The field in which messages are written, with the list that completes names and commands. Enter sends,
// Shift+Enter makes a new line, in the list Enter and Tab choose. No key that belongs to the composition of a
// Hangul syllable does any of that, and nothing is written into the field while one is composed: it would be doubled.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { commandsFor, peopleFor, tokenAt, type Command, type Option, type Token } from './complete';
import type { Draft } from './draft';
import type { Chat } from './state';

// 229: Safari reports the end of a composition before the key that ended it.
const isComposed = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

const asked = new WeakMap<Chat, Promise<Command[]>>();
/** What can be typed in the room; asked for once. */
export function commandsOf(chat: Chat): Promise<Command[]> {
  let commands = asked.get(chat);
  if (!commands) {
    commands = rest.get('/v1/rooms/{room}/commands', { room: chat.room.id }).then((list) => list.commands);
    asked.set(chat, commands);
    commands.catch(() => asked.delete(chat));
  }
  return commands;
}

/** Writes at the caret, after the syllable that is being composed is finished. */
export function insert(area: HTMLTextAreaElement, draft: Draft, text: string, place: (caret: number) => [number, number] = (caret) => [caret, caret]): void {
  if (draft.keeper.composing) area.blur();
  area.focus();
  const [from, to] = place(area.selectionStart);
  if (area.value.length - (to - from) + text.length > area.maxLength) return;
  area.setRangeText(text, from, to, 'end');
  draft.keeper.typed();
  draft.text.value = area.value;
}

function useCompletion(chat: Chat, draft: Draft, field: { current: HTMLTextAreaElement | null }) {
  const token = useSignal<Token | null>(null);
  const commands = useSignal<readonly Command[]>([]);
  const at = useSignal(0);
  const dismissed = useRef(-1); // where the list begins that was closed by Escape
  const look = () => {
    const area = field.current!;
    const now = area.selectionStart === area.selectionEnd ? tokenAt(area.value, area.selectionStart) : null;
    if (now?.from !== dismissed.current) dismissed.current = -1;
    if (now && now.from === dismissed.current) return;
    if (now?.query !== token.value?.query) at.value = 0;
    token.value = now;
    if (now?.kind === 'mention') chat.members.all().catch(() => {});
    else if (now) commandsOf(chat).then((list) => { commands.value = list; }, () => {});
  };
  const close = () => { token.value = null; };
  const pick = ({ text }: Option) => {
    insert(field.current!, draft, text, (caret) => {
      const now = tokenAt(field.current!.value, caret) ?? token.value;
      return now ? [now.from, now.to] : [caret, caret];
    });
    close();
  };
  const options = !token.value ? [] : token.value.kind === 'mention' ? peopleFor(token.value, chat) : commandsFor(token.value, commands.value);
  const now = options[Math.min(at.value, options.length - 1)];
  // Who has typed all of it means to go on.
  const isWhole = now !== undefined && token.value !== null && [now.text.trim().slice(1), now.person && now.about.slice(1)].includes(token.value.query);
  const onKey = (event: KeyboardEvent): boolean => {
    if (options.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at.value = (Math.min(at.value, options.length - 1) + step + options.length) % options.length;
    else if (event.key === 'Escape') {
      dismissed.current = token.value!.from;
      close();
    } else if (event.key === 'Tab' || (event.key === 'Enter' && !isWhole)) pick(now!);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return { options, now, look, close, pick, onKey };
}

type Field = { draft: Draft; chat: Chat; field: { current: HTMLTextAreaElement | null }; enabled: boolean; submit: () => void };

// Not controlled by its value: writing into a field during a composition would double the last syllable.
export function Text({ draft, chat, field, enabled, submit }: Field) {
  const text = draft.text.value;
  const { options, now, look, close, pick, onKey } = useCompletion(chat, draft, field);
  const open = options.length > 0;
  useLayoutEffect(() => {
    const area = field.current!;
    if (area.value !== text) area.value = text;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text]);
  const composing = (is: boolean) => () => { draft.keeper.composing = is; };
  const combobox = open && { role: 'combobox' as const, 'aria-expanded': true, 'aria-haspopup': 'listbox' as const, 'aria-activedescendant': now && `option-${now.key}` };
  return (
    <>
      {open && <Completion options={options} now={now} pick={pick} />}
      <textarea id="text" ref={field} rows={1} maxLength={4000} enterkeyhint="send" dir="auto" disabled={!enabled} aria-label={t('write')} placeholder={t('write')}
        autocomplete="off" aria-autocomplete="list" aria-controls={open ? 'completion' : undefined} {...combobox}
        onCompositionStart={composing(true)} onCompositionEnd={composing(false)} onBlur={close} onClick={look}
        onKeyUp={({ key }) => { if (/^Arrow(Left|Right)$|^Home$|^End$/.test(key)) look(); }}
        onKeyDown={(event) => {
          if (isComposed(event) || onKey(event)) return;
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          close();
          submit();
        }}
        onInput={({ currentTarget }) => {
          draft.keeper.typed();
          draft.text.value = currentTarget.value;
          if (currentTarget.value) chat.room.typing();
          look();
        }} />
    </>
  );
}

function Completion({ options, now, pick }: { options: Option[]; now: Option | undefined; pick: (option: Option) => void }) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [now?.key]);
  return (
    // The field keeps the focus, and with it the keyboard of a phone.
    <ul id="completion" role="listbox" ref={list} aria-label={t('completion')} onPointerDown={(event) => event.preventDefault()} onMouseDown={(event) => event.preventDefault()}>
      {options.map((option) => (
        <li key={option.key} id={`option-${option.key}`} role="option" aria-selected={option === now} onClick={() => pick(option)}>
          {option.person && <Avatar id={option.person.id} name={option.person.nickname} emblem={option.person.avatar} />}
          <bdi class="label">{option.label}</bdi><span class="about" dir="auto">{option.about}</span>
        </li>
      ))}
    </ul>
  );
}
