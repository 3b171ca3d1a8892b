// SPDX-License-Identifier: MIT
// A message that lies too far back for the conversation: alone, with those around it.
import { useEffect, useState } from 'preact/hooks';
import type { Message } from 'maru-client';
import { dayName, t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { ask } from '../ui/dialog';
import { MessageLine } from './message';
import { follows } from './rows';
import { TalkContext, type Talk } from './talk';

const AROUND = 8;

export async function showExcerpt(talk: Talk, seq: number): Promise<void> {
  await ask((close) => <Excerpt talk={talk} seq={seq} close={() => close(null)} />);
}

async function around(room: number, seq: number): Promise<Message[]> {
  const [before, after] = await Promise.all([
    rest.get('/v1/rooms/{room}/messages', { room, before: seq, limit: AROUND }),
    rest.get('/v1/rooms/{room}/messages', { room, after: seq - 1, limit: AROUND + 1 }),
  ]);
  return [...before.messages, ...after.messages] as Message[];
}

function Excerpt({ talk, seq, close }: { talk: Talk; seq: number; close: () => void }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => { around(talk.room.id, seq).then(setMessages, setProblem); }, []);
  useEffect(() => {
    if (messages.length === 0) return;
    document.querySelector(`#excerpt [data-seq="${seq}"]`)?.scrollIntoView({ block: 'center' });
    talk.flash(seq);
  }, [messages]);
  const day = messages.find((message) => message.seq === seq)?.created_at;
  return (
    <dialog id="excerpt" class="list-dialog" aria-labelledby="excerpt-heading">
      <h2 id="excerpt-heading">{day ? dayName(new Date(day)) : t('loading')}</h2>
      {problem !== null && <p class="error" role="alert">{problemText(problem)}</p>}
      <TalkContext.Provider value={talk}>
        <ul class="scrolled">{messages.map((message, i) => (
          <li key={message.seq} class="slot"><MessageLine message={message} again={i > 0 && follows(message, messages[i - 1]!)} place="alone" numbers={-1} /></li>
        ))}</ul>
      </TalkContext.Provider>
      <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
    </dialog>
  );
}
