// SPDX-License-Identifier: MIT
// The card of a room that is shown before one joins it.
import { useEffect, useState } from 'preact/hooks';
import type { components, RoomInfo } from 'maru-client';
import { number, plainDay, shortDate, t } from '../i18n';
import { rest } from '../maru';
import { problemText } from '../problem';
import { Avatar } from '../ui/avatar';
import { ask } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { useCategories } from './browse';
import { enter, roomEmblem, roomOf, roomTitle, update } from './rooms';

type Preview = components['schemas']['Preview'];

/** The facts of a room; reads them if they are not given. */
export function RoomCard({ room }: { room: RoomInfo }) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const list = useCategories();
  useEffect(() => {
    rest.get('/v1/rooms/{room}/preview', { room: room.id }).then((fresh) => {
      setPreview(fresh);
      update({ id: room.id, member_count: fresh.member_count, max_members: fresh.max_members });
    }, () => {});
  }, [room.id]);
  const now = preview ?? room;
  const category = list.find(({ id }) => id === now.category)?.name;
  const isFull = now.member_count >= now.max_members;
  return (
    <div class="card">
      <div class="card-head">
        <Avatar id={room.id} name={roomTitle(room)} emblem={roomEmblem(room)} square />
        <p class="facts">
          <span>{t(now.kind === 'secret' ? 'kindSecretShort' : now.kind === 'group' ? 'kindGroupShort' : 'kindPublicShort')}</span>
          <span>{t('membersOf', { n: now.member_count, most: now.max_members })}{isFull && ` · ${t('full')}`}</span>
          {category && <span>{category}</span>}
          <span>{t('since', { date: shortDate(new Date(now.created_at)) })}</span>
          {now.ends_on && <span>{t('untilDay', { date: plainDay(now.ends_on) })}</span>}
        </p>
        <LikeButton room={room} />
      </div>
      {now.description && <p class="card-text" dir="auto">{now.description}</p>}
      {now.tags.length > 0 && <p class="tags">{now.tags.map((tag) => <span key={tag} class="tag">#{tag}</span>)}</p>}
      {preview && <Faces preview={preview} />}
    </div>
  );
}

function Faces({ preview: { members, hosts, member_count: count } }: { preview: Preview }) {
  if (members.length === 0) return null;
  return (
    <div class="faces">
      <span class="stack">{members.map(({ nickname, avatar }, i) => <Avatar key={i} id={i + 3} name={nickname} emblem={avatar} />)}</span>
      <span class="about">
        <span>{hosts ? t('hostedBy', { name: hosts.nickname }) : t('members', { n: count })}</span>
        <span class="names" dir="auto">{members.map(({ nickname }) => nickname).join(', ')}{count > members.length && ' …'}</span>
      </span>
    </div>
  );
}

export function LikeButton({ room }: { room: RoomInfo }) {
  const [now, setNow] = useState({ liked: room.liked, likes: room.likes });
  const [problem, setProblem] = useState<unknown>(null);
  if (room.kind === 'direct') return null;
  const toggle = async () => {
    try {
      const answer = now.liked ? await rest.delete('/v1/rooms/{room}/like', { room: room.id }) : await rest.put('/v1/rooms/{room}/like', { room: room.id }, {});
      setNow(answer);
      update({ id: room.id, ...answer });
    } catch (why) {
      setProblem(why);
    }
  };
  return (
    <button type="button" class="like" aria-pressed={now.liked} title={problem ? problemText(problem) : t('likeRoom')} onClick={() => void toggle()}>
      <Icon name="heart" /><span class="sr">{t('likeRoom')}</span><span>{number(now.likes)}</span>
    </button>
  );
}

// As the list knows the room by now: what it said when the card was opened may be old.
function WayIn({ room }: { room: RoomInfo }) {
  const { member_count: count, max_members: most } = roomOf(room.id) ?? room;
  return <button class="primary" disabled={count >= most}>{t('join')}</button>;
}

/** Shows the card of a room, with the way in. */
export async function card(room: RoomInfo): Promise<void> {
  const joins = await ask<boolean>((close) => (
    <dialog id="room-card" aria-labelledby="room-card-heading">
      <form onSubmit={(event) => {
        event.preventDefault();
        close(true);
      }}>
        <h2 id="room-card-heading" dir="auto">{roomTitle(room)}{room.locked && <> <Icon name="lock" /></>}</h2>
        <RoomCard room={room} />
        <div class="actions">
          <button type="button" data-cancel onClick={() => close(null)}>{t('close')}</button>
          <WayIn room={room} />
        </div>
      </form>
    </dialog>
  ));
  if (joins) await enter(room);
}
