// SPDX-License-Identifier: MIT
// An invite link: which room it leads to, and the way in, past its password.
import { useEffect, useState } from 'preact/hooks';
import type { Got, RoomInfo } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { go, replace, roomPath, route } from '../router';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';
import { Trouble, useAttempt } from '../ui/pages';
import { Screen } from '../ui/screen';
import { isMine, mine, put } from './rooms';

type Card = Got<'/v1/invites/{code}'>;

export default function InviteScreen() {
  const code = route.value.id;
  const [card, setCard] = useState<Card | null>(null);
  const [missing, setMissing] = useState<unknown>(null);
  const [problem, attempt] = useAttempt();
  useEffect(() => { rest.get('/v1/invites/{code}', { code }).then(setCard, setMissing); }, [code]);
  const accept = () => attempt(async () => {
    const { room: { id } } = card!;
    if (!isMine(id)) {
      await rest.post('/v1/invites/{code}/uses', { code }, {});
      put(mine, await rest.get('/v1/rooms/{room}', { room: id }) as RoomInfo);
    }
    replace(roomPath(id));
  });
  return (
    <Screen id="invite" title={t('invite')}>
      {missing && <div class="empty"><p role="alert">{problemText(missing)}</p><button type="button" onClick={() => go('#/')}>{t('back')}</button></div>}
      {!card && !missing && <p class="empty" role="status">{t('loading')}</p>}
      {card && <Shown card={card} problem={problem} accept={() => void accept()} />}
    </Screen>
  );
}

function Shown({ card: { room, by }, problem, accept }: { card: Card; problem: string; accept: () => void }) {
  const isFull = room.member_count >= room.max_members && !isMine(room.id);
  return (
    <div class="invite-card">
      <p class="invited-by"><Avatar id={by.id} name={by.nickname} emblem={by.avatar} /><span>{t('invitedBy', { name: by.nickname })}</span></p>
      <Avatar id={room.id} name={room.title} emblem={room.cover} square />
      <h2 dir="auto">{room.title}{room.locked && <> <Icon name="lock" /></>}</h2>
      <p class="about">{t('membersOf', { n: room.member_count, most: room.max_members })}</p>
      {room.description && <p dir="auto">{room.description}</p>}
      <Trouble text={problem || (isFull ? t('problem.room-full' as never) : '')} />
      <button type="button" class="primary" disabled={isFull} onClick={accept}>{t(isMine(room.id) ? 'openIt' : 'acceptInvite')}</button>
    </div>
  );
}
