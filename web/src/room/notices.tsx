// SPDX-License-Identifier: MIT
// All notices of the room: who has confirmed them; writing, changing, taking off.
import { useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import { mayPin, type Chat } from '../chat/state';
import { t } from '../i18n';
import { rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { ask, confirmed, FormDialog } from '../ui/dialog';
import { Area, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import type { RoomDialog } from './dialogs';
import { Frame } from './frame';
import { mayChange, useNotices, type Notice } from './notice';
import { whenText } from './when';

type Confirmation = Got<'/v1/rooms/{room}/notices/{notice}/confirmations'>['confirmations'][number];

export function Notices({ chat, close }: RoomDialog) {
  const { notices, problem, confirm } = useNotices(chat, 50);
  return (
    <Frame id="notices" heading={t('notices')} problem={problem} close={close}
      act={mayPin(chat) && <button type="button" onClick={() => void write(chat)}><Icon name="plus" />{t('noticeNew')}</button>}>
      {notices?.length === 0 && <p class="empty">{t('noNotices')}</p>}
      <ul class="entries">{notices?.map((notice) => <Entry key={notice.id} chat={chat} notice={notice} confirm={() => void confirm(notice)} />)}</ul>
    </Frame>
  );
}

function Entry({ chat, notice, confirm }: { chat: Chat; notice: Notice; confirm: () => void }) {
  const [who, setWho] = useState<Confirmation[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const room = chat.room.id;
  const show = () => {
    if (who) setWho(null);
    else rest.get('/v1/rooms/{room}/notices/{notice}/confirmations', { room, notice: notice.id, limit: 100 }).then((page) => setWho(page.confirmations), setProblem);
  };
  const remove = async () => {
    if (await confirmed(t('noticeRemoveAsk'), t('remove'))) await rest.delete('/v1/rooms/{room}/notices/{notice}', { room, notice: notice.id }).catch(setProblem);
  };
  return (
    <li class="tall">
      <p class="body-text" dir="auto">{notice.body}</p>
      <small>{t('noticeBy', { name: chat.room.names.of(notice.by_user), time: whenText(notice.created_at) })}{notice.edited_at && ` · ${t('edited')}`}</small>
      {problem !== null && <p role="alert" class="error">{t('problem.unknown')}</p>}
      <div class="row-of">
        {notice.confirmed ? <span class="tag"><Icon name="check" />{t('confirmed')}</span> : <button type="button" class="small" onClick={confirm}>{t('confirmNotice')}</button>}
        <button type="button" class="small" aria-expanded={who !== null} onClick={show}>{t('confirmedBy', { n: notice.confirmations })}</button>
        {mayChange(chat, notice) && <>
          <button type="button" class="small" onClick={() => void write(chat, notice)}>{t('change')}</button>
          <button type="button" class="small" onClick={() => void remove()}>{t('remove')}</button></>}
      </div>
      {who && <ul class="faces">{who.map(({ id, nickname, avatar }) => <li key={id}><Avatar id={id} name={nickname} emblem={avatar} /><bdi>{nickname}</bdi></li>)}</ul>}
    </li>
  );
}

async function write(chat: Chat, notice?: Notice): Promise<void> {
  const room = chat.room.id;
  await ask((close) => (
    <FormDialog id="notice-form" heading={t(notice ? 'noticeChange' : 'noticeNew')} yes={t(notice ? 'roomSave' : 'noticePut')} close={close} submit={async (form) => {
      const body = valueOf(form, 'body').trim();
      if (notice) await rest.patch('/v1/rooms/{room}/notices/{notice}', { room, notice: notice.id }, { body });
      else await rest.post('/v1/rooms/{room}/notices', { room }, { body });
      close(null);
    }}>
      <Area name="body" label={t('noticeText')} value={notice?.body ?? ''} rows={4} maxLength={4000} required />
    </FormDialog>
  ));
}
