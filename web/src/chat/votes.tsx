// SPDX-License-Identifier: MIT
// Who chose what in a poll that is not anonymous.
import type { Got, Message } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { ask } from '../ui/dialog';
import { PagesEnd, usePages } from '../ui/pages';
import type { Talk } from './talk';

type Vote = Got<'/v1/rooms/{room}/polls/{message}/votes'>['votes'][number];

export async function showVotes(talk: Talk, message: Message): Promise<void> {
  await ask((close) => <Votes talk={talk} message={message} close={() => close(null)} />);
}

function Votes({ talk, message, close }: { talk: Talk; message: Message; close: () => void }) {
  const pages = usePages<Vote>(async (cursor) => {
    const { votes, next } = await rest.get('/v1/rooms/{room}/polls/{message}/votes', { room: talk.room.id, message: message.seq, limit: 100, ...cursor && { cursor } });
    return { items: votes, next };
  });
  return (
    <dialog id="votes" class="list-dialog" aria-labelledby="votes-heading">
      <h2 id="votes-heading" dir="auto">{message.content?.poll?.question}</h2>
      <div class="scrolled">
        {(message.content?.poll?.options ?? []).map((text, i) => {
          const who = pages.items.filter(({ options }) => options.includes(i));
          return (
            <section key={i}>
              <h3 dir="auto">{text}</h3>
              {who.length === 0 ? <p class="soft">{t('pollNobody')}</p> : (
                <ul class="persons">{who.map(({ id, nickname, avatar }) => <li key={id}><Avatar id={id} name={nickname} emblem={avatar} /><bdi>{nickname}</bdi></li>)}</ul>
              )}
            </section>
          );
        })}
        <PagesEnd pages={pages} empty="" />
      </div>
      <div class="actions"><button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
    </dialog>
  );
}
