// SPDX-License-Identifier: MIT
// Who chose what in a poll that is not anonymous.
import { useEffect, useState } from 'preact/hooks';
import type { Got, Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { Avatar } from '../ui/avatar';
import { ask } from '../ui/dialog';
import type { Talk } from './talk';

type Vote = Got<'/v1/rooms/{room}/polls/{message}/votes'>['votes'][number];

export async function showVotes(talk: Talk, message: Message): Promise<void> {
  await ask((close) => <Votes talk={talk} message={message} close={() => close(null)} />);
}

function Votes({ talk, message, close }: { talk: Talk; message: Message; close: () => void }) {
  const [votes, setVotes] = useState<Vote[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const load = async (cursor: number | null) => {
    try {
      const page = await rest.get('/v1/rooms/{room}/polls/{message}/votes', { room: talk.room.id, message: message.seq, limit: 100, ...cursor !== null && { cursor: String(cursor) } });
      setVotes((before) => [...before, ...page.votes]);
      setNext(page.next);
    } catch (why) {
      setProblem(why);
    }
  };
  useEffect(() => void load(null), []);
  return (
    <dialog id="votes" class="list-dialog" aria-labelledby="votes-heading">
      <h2 id="votes-heading" dir="auto">{message.content?.poll?.question}</h2>
      <div class="scrolled">
        {problem !== null && <p class="error" role="alert">{problemText(problem)}</p>}
        {(message.content?.poll?.options ?? []).map((text, i) => {
          const who = votes.filter(({ options }) => options.includes(i));
          return (
            <section key={i}>
              <h3 dir="auto">{text}</h3>
              {who.length === 0 ? <p class="soft">{t('pollNobody')}</p> : (
                <ul class="persons">{who.map(({ id, nickname, avatar }) => <li key={id}><Avatar id={id} name={nickname} emblem={avatar} /><bdi>{nickname}</bdi></li>)}</ul>
              )}
            </section>
          );
        })}
        {next !== null && <button type="button" class="more" onClick={() => void load(next)}>{t('more')}</button>}
      </div>
      <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
    </dialog>
  );
}
