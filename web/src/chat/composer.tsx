// SPDX-License-Identifier: MIT
// The field in which messages are written. Enter sends, Shift+Enter makes a new line; Enter that ends
// the composition of a Hangul syllable does neither. What is half written stays with its room.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from '../ui/icon';
import { draftOf } from './draft';
import { takeFiles } from './drop';
import type { Chat } from './state';
import { Tray } from './tray';

// 229: Safari reports the end of a composition before the key that ended it.
const isSend = (event: KeyboardEvent): boolean => event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;

export function Composer({ chat }: { chat: Chat }) {
  const draft = draftOf(chat.room.id);
  const text = useRef<HTMLTextAreaElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const enabled = chat.lost.value === undefined;
  useEffect(() => takeFiles(document.getElementById('room')!, (files) => {
    if (text.current?.disabled) return;
    draft.add(files);
    text.current?.focus();
  }), []);
  // On a phone the keyboard would cover the conversation at once.
  useEffect(() => { if (matchMedia('(pointer: fine)').matches) text.current?.focus(); }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    draft.submit();
    text.current?.focus();
  };
  return (
    <>
      <p id="drop-hint" aria-hidden="true"><span>{t('dropHere')}</span></p>
      <Tray draft={draft} />
      <form id="composer" onSubmit={submit}>
        <button type="button" id="attach" disabled={!enabled} aria-label={t('attach')} title={t('attach')} onClick={() => input.current?.click()}><Icon name="clip" /></button>
        <input type="file" id="file-input" ref={input} multiple hidden aria-label={t('attach')} onChange={({ currentTarget }) => {
          draft.add([...currentTarget.files ?? []]);
          currentTarget.value = '';
        }} />
        <Text draft={draft} field={text} enabled={enabled} onKey={(event) => {
          if (isSend(event)) submit(event);
          else if (event.key.length === 1 || event.key === 'Process') chat.room.typing();
        }} />
        <button id="send" class="primary" disabled={!enabled} aria-label={t('send')} title={t('send')}><Icon name="send" /></button>
      </form>
    </>
  );
}

// Not controlled by its value: writing into a field during a composition would double the last syllable.
function Text({ draft, field, enabled, onKey }: {
  draft: ReturnType<typeof draftOf>; field: { current: HTMLTextAreaElement | null }; enabled: boolean; onKey: (event: KeyboardEvent) => void;
}) {
  const text = draft.text.value;
  useLayoutEffect(() => {
    const area = field.current!;
    if (area.value !== text) area.value = text;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text]);
  return (
    <textarea id="text" ref={field} rows={1} maxLength={4000} enterkeyhint="send" dir="auto" disabled={!enabled} aria-label={t('write')} placeholder={t('write')}
      onKeyDown={onKey} onInput={({ currentTarget }) => { draft.text.value = currentTarget.value; }} />
  );
}
