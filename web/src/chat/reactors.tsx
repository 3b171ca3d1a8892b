// SPDX-License-Identifier: MIT
// Who reacted to a message, and how.
import { useEffect, useState } from 'preact/hooks';
import type { Got, Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { personPath } from '../router';
import { Avatar } from '../ui/avatar';
import { ask } from '../ui/dialog';
import type { Talk } from './talk';

type Person = Got<'/v1/rooms/{room}/messages/{message}/reactions/{emoji}'>['users'][number];

export async function showReactors(talk: Talk, message: Message): Promise<void> {
  await ask((close) => <Reactors talk={talk} message={message} close={() => close(null)} />);
}

function Reactors({ talk, message, close }: { talk: Talk; message: Message; close: () => void }) {
  const reactions = message.reactions ?? [];
  const [emoji, setEmoji] = useState(reactions[0]?.emoji ?? '');
  return (
    <dialog id="reactors" class="list-dialog" aria-labelledby="reactors-heading">
      <h2 id="reactors-heading">{t('reactors')}</h2>
      <div class="reactions" role="group" aria-label={t('reactions')}>
        {reactions.map((one) => (
          <button type="button" class="reaction" key={one.emoji} aria-pressed={one.emoji === emoji} onClick={() => setEmoji(one.emoji)}>{one.emoji} {one.count}</button>
        ))}
      </div>
      <People key={emoji} talk={talk} message={message} emoji={emoji} close={close} />
      <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
    </dialog>
  );
}

function People({ talk, message, emoji, close }: { talk: Talk; message: Message; emoji: string; close: () => void }) {
  const [users, setUsers] = useState<Person[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const load = async (cursor: number | null) => {
    try {
      const page = await rest.get('/v1/rooms/{room}/messages/{message}/reactions/{emoji}',
        { room: talk.room.id, message: message.seq, emoji, limit: 50, ...cursor !== null && { cursor: String(cursor) } });
      setUsers((before) => [...before, ...page.users]);
      setNext(page.next);
    } catch (why) {
      setProblem(why);
    }
  };
  useEffect(() => void load(null), []);
  return (
    <div class="scrolled">
      {problem !== null && <p class="error" role="alert">{problemText(problem)}</p>}
      <ul class="persons">
        {users.map(({ id, nickname, avatar }) => <li key={id}><a href={personPath(id)} onClick={close}><Avatar id={id} name={nickname} emblem={avatar} /><bdi>{nickname}</bdi></a></li>)}
      </ul>
      {next !== null && <button type="button" class="more" onClick={() => void load(next)}>{t('more')}</button>}
    </div>
  );
}
