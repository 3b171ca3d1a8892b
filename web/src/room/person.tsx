// SPDX-License-Identifier: MIT
// What can be done with somebody in the room: for everybody, and for those who stand above them.
import { useState } from 'preact/hooks';
import type { Member } from 'maru-client';
import { mentionOf } from '../chat/complete';
import { draftOf } from '../chat/draft';
import { HOST, MODERATOR, myRank, rankOf, roleOf, type Chat } from '../chat/state';
import { insert } from '../chat/text';
import { calls, isHere, session } from '../call/state';
import { t } from '../i18n';
import { rest } from '../maru';
import { befriend, blockAsked, writeTo } from '../friends/state';
import { personPath } from '../router';
import { ask, confirmed, FormDialog } from '../ui/dialog';
import { Field, valueOf } from '../ui/form';
import type { MenuItem, MenuItems } from './menu';
import { whenText } from './when';

export type Person = Pick<Member, 'id' | 'name' | 'nickname' | 'avatar'> & Partial<Member>;

// What goes wrong is said above the conversation; also what went well, where nothing else shows it: a text that work answers.
const attempt = (chat: Chat, work: () => Promise<unknown>) => async (): Promise<void> => {
  chat.outcome.value = null;
  await work().then((done) => { chat.outcome.value = typeof done === 'string' ? done : null; }, (problem) => { chat.outcome.value = problem; });
};

export function personMenu(chat: Chat, person: Person): MenuItems {
  return [...forAll(chat, person), null, ...forModerators(chat, person)].filter((item, i, all) => item !== null || (i > 0 && i < all.length - 1));
}

function forAll(chat: Chat, person: Person): MenuItems {
  const { id, nickname } = person;
  const isReachable = !person.guest; // by what outlasts a visit
  const block = attempt(chat, async () => (await blockAsked(id, nickname) ? t('blockedNow', { name: nickname }) : null));
  const tell = attempt(chat, async () => {
    const { report } = await import('../ui/report');
    return await report({ room: chat.room.id, user: id }, t('reportOf', { name: nickname }), t('reportRoomAbout')) ? t('reportSent') : null;
  });
  const call = isHere(chat.room.id) ? calls.value.get(chat.room.id) : undefined;
  const ring = attempt(chat, async () => {
    await (await session()).ring(id);
    return t('callRung', { name: nickname });
  });
  return [
    call !== undefined && isReachable && !person.bot && !call.members.some(({ user }) => user === id) && { label: t('callRing'), icon: 'phone', act: () => void ring() },
    { label: t('roomProfile'), icon: 'person', href: personPath(id) },
    isReachable && chat.info.value?.kind !== 'direct' && { label: t('writeDirect'), icon: 'thread', act: () => void attempt(chat, () => writeTo(id))() },
    { label: t('mentionThem'), icon: 'at', act: () => mention(chat, person) },
    isReachable && !person.bot && { label: t('askFriend'), icon: 'plus', act: () => void attempt(chat, async () => befriend(id).then(() => t('befriended', { name: nickname })))() },
    { label: t('blockThem'), icon: 'ban', act: () => void block() },
    { label: t('reportThem'), icon: 'report', act: () => void tell() },
  ];
}

function mention(chat: Chat, person: Person): void {
  const area = document.getElementById('text') as HTMLTextAreaElement | null;
  if (!area || area.disabled) return;
  const before = area.value.slice(0, area.selectionStart);
  insert(area, draftOf(chat.room.id), (/\S$/.test(before) ? ' ' : '') + mentionOf(chat, person));
}

function forModerators(chat: Chat, { id, nickname, guest, muted_until }: Person): MenuItems {
  const rank = myRank(chat);
  if (chat.info.value?.kind === 'direct' || rank < MODERATOR || rank <= rankOf(chat, id)) return [];
  const room = chat.room.id;
  const update = (changes: { role?: 'member' | 'moderator'; muted_seconds?: number }) =>
    () => void attempt(chat, () => rest.patch('/v1/rooms/{room}/members/{user}', { room, user: id }, changes))();
  const isMuted = muted_until !== undefined && new Date(muted_until).getTime() > Date.now();
  const role = roleOf(chat, id);
  const handOver = async () => {
    if (await confirmed(t('handOverAsk', { name: nickname }), t('handOver'))) await attempt(chat, () => rest.put('/v1/rooms/{room}/host', { room }, { user: id }))();
  };
  const mutes: MenuItem[] = isMuted ? [{ label: t('unmute'), hint: t('mutedHint', { time: whenText(muted_until) }), icon: 'muted', act: update({ muted_seconds: 0 }) }]
    : ([[600, t('minutes', { n: 10 })], [3600, t('hours', { n: 1 })], [86400, t('hours', { n: 24 })]] as const).map(([seconds, span]) => (
      { label: t('muteFor', { span }), icon: 'muted', act: update({ muted_seconds: seconds }) }));
  return [
    ...mutes,
    rank >= HOST && !guest && (role === 'moderator' ? { label: t('unmakeModerator'), icon: 'shield', act: update({ role: 'member' }) } : { label: t('makeModerator'), icon: 'shield', act: update({ role: 'moderator' }) }),
    rank >= HOST && !guest && { label: t('handOver'), icon: 'crown', act: () => void handOver() },
    { label: t('removeThem'), icon: 'leave', danger: true, act: () => void ask((close) => <RemoveDialog room={room} id={id} name={nickname} close={close} />) },
  ];
}

// How to remove somebody from a room: a kick, or a ban for a while or for good.
function RemoveDialog({ room, id, name, close }: { room: number; id: number; name: string; close: (done: null) => void }) {
  const [how, setHow] = useState('kick');
  const submit = async (form: HTMLFormElement) => {
    if (how === 'kick') await rest.delete('/v1/rooms/{room}/members/{user}', { room, user: id });
    else {
      const reason = valueOf(form, 'reason').trim();
      await rest.put('/v1/rooms/{room}/bans/{user}', { room, user: id }, { reason, ...how !== 'ban' && { seconds: Number(how) } });
    }
    close(null);
  };
  const choice = (value: string, label: string) => (
    <label class="choice"><input type="radio" name="how" value={value} checked={how === value} onChange={() => setHow(value)} /><span>{label}</span></label>
  );
  return (
    <FormDialog id="remove" heading={name} yes={t('remove')} close={close} submit={submit}>
      <fieldset><legend>{t('removeHow')}</legend>{choice('kick', t('kick'))}{choice('3600', t('banHour'))}{choice('86400', t('banDay'))}{choice('604800', t('banWeek'))}{choice('ban', t('ban'))}</fieldset>
      {how !== 'kick' && <Field name="reason" label={t('reason')} maxLength={200} />}
    </FormDialog>
  );
}
