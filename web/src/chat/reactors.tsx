// SPDX-License-Identifier: MIT
// Who reacted to a message, and how.
import { useState } from 'preact/hooks';
import type { Got, Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { personPath } from '../router';
import { Avatar } from '../ui/avatar';
import { ask } from '../ui/dialog';
import { PagesEnd, usePages } from '../ui/pages';
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
  const pages = usePages<Person>(async (cursor) => {
    const { users, next } = await rest.get('/v1/rooms/{room}/messages/{message}/reactions/{emoji}', { room: talk.room.id, message: message.seq, emoji, limit: 50, ...cursor && { cursor } });
    return { items: users, next };
  });
  return (
    <div class="scrolled">
      <ul class="persons">
        {pages.items.map(({ id, nickname, avatar }) => <li key={id}><a href={personPath(id)} onClick={close}><Avatar id={id} name={nickname} emblem={avatar} /><bdi>{nickname}</bdi></a></li>)}
      </ul>
      <PagesEnd pages={pages} empty="" />
    </div>
  );
}
