// SPDX-License-Identifier: MIT
// Messages that are sent later: choosing when, and the list of those that wait.
import { useEffect, useState } from 'preact/hooks';
import { newId, type Got } from 'maru-client';
import { hasText, t } from '../i18n';
import { maru, rest } from '../maru';
import { problemText } from '../problem';
import { localField, whenText } from '../room/when';
import { ask, FormDialog } from '../ui/dialog';
import { Area, Field, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import type { Draft } from './draft';
import type { Chat } from './state';

type Scheduled = Got<'/v1/rooms/{room}/scheduled'>['scheduled'][number];

const nextHour = (): Date => new Date(Math.ceil((Date.now() + 60000) / 3600000) * 3600000);

type Say = (words: string, bad?: boolean) => void;

/** Sends the draft at that time; asks for one if there is none. */
export async function sendLater(chat: Chat, draft: Draft, when: Date | undefined, say: Say): Promise<void> {
  const client_id = newId();
  if (when) return post(chat, draft, client_id, when, say).catch((problem) => say(problemText(problem), true));
  await ask((close) => (
    <FormDialog id="later" heading={t('laterHeading')} about={t('laterAbout')} yes={t('laterYes')} close={close} submit={async (form) => {
      await post(chat, draft, client_id, new Date(valueOf(form, 'send_at')), say);
      close(null);
    }}>
      <blockquote class="quoted" dir="auto">{draft.text.value.trim()}</blockquote>
      <Field name="send_at" label={t('laterWhen')} type="datetime-local" min={localField(new Date())} value={localField(nextHour())} required />
    </FormDialog>
  ));
  return undefined;
}

async function post(chat: Chat, draft: Draft, client_id: string, at: Date, say: Say): Promise<void> {
  const { reply_to } = draft.more.value;
  const send_at = Number.isNaN(at.getTime()) ? '' : at.toISOString();
  await rest.post('/v1/rooms/{room}/scheduled', { room: chat.room.id }, { client_id, body: draft.text.value.trim(), send_at, ...reply_to !== undefined && { reply_to } });
  draft.text.value = '';
  draft.more.value = {};
  say(t('laterSet', { time: whenText(at) }));
}

/** What one sends later in a room; changes are heard. */
export function ScheduledDialog({ room, close }: { room: number; close: () => void }) {
  const [list, setList] = useState<Scheduled[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    rest.get('/v1/rooms/{room}/scheduled', { room, limit: 100 }).then((page) => setList(page.scheduled), setProblem);
    return maru.on('own', ({ type, data }) => {
      if (!type.startsWith('scheduled.') || data.room !== room) return;
      const one = data as unknown as Scheduled;
      setList((before) => [...(before ?? []).filter(({ id }) => id !== one.id), ...type === 'scheduled.removed' ? [] : [one]]);
    });
  }, []);
  const cancel = (id: number) => {
    setProblem(null);
    rest.delete('/v1/rooms/{room}/scheduled/{scheduled}', { room, scheduled: id }).catch(setProblem);
  };
  const sorted = list && [...list].sort((a, b) => a.send_at.localeCompare(b.send_at));
  return (
    <dialog id="scheduled" class="wide" aria-labelledby="scheduled-heading">
      <form method="dialog">
        <h2 id="scheduled-heading">{t('laterList')}</h2>
        <p role="alert" class="error">{problem ? problemText(problem) : ''}</p>
        {sorted?.length === 0 && <p class="empty">{t('laterNone')}</p>}
        <ul class="entries" aria-busy={list === null}>{sorted?.map((one) => (
          <li key={one.id}>
            <div class="text"><strong>{whenText(one.send_at)}</strong><span dir="auto">{one.body}</span>
              {one.failed && <span class="error">{t('laterFailed', { why: why(one.failed) })}</span>}</div>
            <button type="button" class="small" onClick={() => void edit(room, one)}>{t('change')}</button>
            <button type="button" class="small bare" aria-label={t('laterCancel')} title={t('laterCancel')} onClick={() => cancel(one.id)}><Icon name="trash" /></button>
          </li>
        ))}</ul>
        <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
      </form>
    </dialog>
  );
}

function why(slug: string): string {
  const key = `problem.${slug}`;
  return hasText(key) ? t(key) : slug;
}

async function edit(room: number, { id, body, send_at }: Scheduled): Promise<void> {
  await ask((close) => (
    <FormDialog id="later" heading={t('laterChange')} yes={t('roomSave')} close={close} submit={async (form) => {
      await rest.patch('/v1/rooms/{room}/scheduled/{scheduled}', { room, scheduled: id }, {
        body: valueOf(form, 'body').trim(), send_at: new Date(valueOf(form, 'send_at')).toISOString(),
      });
      close(null);
    }}>
      <Area name="body" label={t('laterText')} value={body} rows={4} maxLength={4000} />
      <Field name="send_at" label={t('laterWhen')} type="datetime-local" value={localField(new Date(send_at))} required />
    </FormDialog>
  ));
}
