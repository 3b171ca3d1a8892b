// SPDX-License-Identifier: MIT
// A message being changed, where it stands. Enter saves, Escape leaves it as it was.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { formatOf, toMarkdown } from './markdown';
import { useTalk, type Place } from './talk';

const isSave = (event: KeyboardEvent): boolean => event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229;

function grow(area: HTMLTextAreaElement): void {
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + 2}px`;
}

export function Edit({ message, place }: { message: Message; place: Place }) {
  const talk = useTalk();
  const field = useRef<HTMLTextAreaElement>(null);
  const [source] = useState(() => toMarkdown(message));
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    field.current!.value = talk.edited ?? source;
    grow(field.current!);
  }, []);
  useLayoutEffect(() => {
    const area = field.current!;
    area.focus({ preventScroll: true });
    area.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const end = () => {
    talk.editing.value = null;
    document.getElementById(place === 'thread' ? 'thread-text' : 'text')?.focus();
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const body = field.current!.value.trim();
    if (body === source || body === '') return end();
    setBusy(true);
    setProblem(null);
    try {
      await rest.patch('/v1/rooms/{room}/messages/{message}', { room: talk.room.id, message: message.seq }, { body, ...formatOf(body) });
      await talk.room.again(message.seq);
      end();
    } catch (why) {
      setProblem(why);
      setBusy(false);
    }
    return undefined;
  };
  return (
    <form class="edit" aria-busy={busy || undefined} onSubmit={(event) => void save(event)}>
      <textarea ref={field} rows={1} maxLength={4000} dir="auto" aria-label={t('editText')} enterkeyhint="done" readOnly={busy} 
        onInput={({ currentTarget }) => {
          talk.edited = currentTarget.value;
          grow(currentTarget);
        }}
        onKeyDown={(event) => {
          if (isSave(event)) void save(event);
          else if (event.key === 'Escape') {
            event.stopPropagation();
            end();
          }
        }} />
      {problem !== null && <p class="error" role="alert">{problemText(problem)}</p>}
      <div class="actions"><button type="button" class="small" onClick={end}>{t('cancel')}</button><button class="small primary" disabled={busy}>{t('messageSave')}</button></div>
    </form>
  );
}
