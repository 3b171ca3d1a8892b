// SPDX-License-Identifier: MIT
// Links by which others come in, past the password: make, copy, take back.
import { useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Select } from '../ui/choose';
import { Icon } from '../ui/icon';
import type { RoomDialog } from './dialogs';
import { Frame, useAsked } from './frame';
import { whenText } from './when';

type Invite = Got<'/v1/rooms/{room}/invites'>['invites'][number];
const DAY = 86400;

const linkOf = ({ code }: Invite): string => `${location.origin}${location.pathname}#/invites/${code}`;

export function Invites({ chat, close }: RoomDialog) {
  const room = chat.room.id;
  const [lasts, setLasts] = useState(String(7 * DAY));
  const [uses, setUses] = useState('0');
  const [copied, setCopied] = useState('');
  const { answer: invites, setAnswer, problem, attempt } = useAsked(async () => (await rest.get('/v1/rooms/{room}/invites', { room })).invites);
  const make = () => attempt(async () => {
    const made = await rest.post('/v1/rooms/{room}/invites', { room }, { ...Number(lasts) > 0 && { expires_in: Number(lasts) }, ...Number(uses) > 0 && { uses: Number(uses) } });
    setAnswer((before) => [...before ?? [], made]);
    await copy(made);
  });
  const copy = async (invite: Invite) => {
    // Without leave to write there the link can still be marked and copied by hand.
    await navigator.clipboard?.writeText(linkOf(invite)).then(() => setCopied(invite.code), () => {});
  };
  const revoke = ({ code }: Invite) => attempt(async () => {
    await rest.delete('/v1/rooms/{room}/invites/{code}', { room, code });
    setAnswer((before) => before?.filter((one) => one.code !== code) ?? null);
  });
  return (
    <Frame id="invites" heading={t('invites')} problem={problem} close={close}>
      <p>{t('invitesAbout')}</p>
      <ul class="entries">{invites?.map((invite) => (
        <li key={invite.code}>
          <div class="text">
            <input class="bare" readOnly value={linkOf(invite)} aria-label={t('inviteLink')} onFocus={({ currentTarget }) => currentTarget.select()} />
            <small>{about(invite)}</small>
          </div>
          <button type="button" class="small" onClick={() => void copy(invite)}><Icon name={copied === invite.code ? 'check' : 'copy'} />{t(copied === invite.code ? 'inviteCopied' : 'inviteCopy')}</button>
          <button type="button" class="small bare" aria-label={t('inviteRevoke')} title={t('inviteRevoke')} onClick={() => void revoke(invite)}><Icon name="trash" /></button>
        </li>
      ))}</ul>
      <p role="status" class="sr">{copied && t('inviteCopied')}</p>
      <div class="pair">
        <Select name="lasts" label={t('inviteLasts')} value={lasts} onChange={setLasts} options={[
          { value: '3600', label: t('hours', { n: 1 }) }, { value: String(DAY), label: t('days', { n: 1 }) }, { value: String(7 * DAY), label: t('days', { n: 7 }) }, { value: '0', label: t('forever') }]} />
        <Select name="uses" label={t('inviteUses')} value={uses} onChange={setUses} options={[{ value: '0', label: t('anyNumber') }, ...[1, 5, 10, 50].map((n) => ({ value: String(n), label: t('people_n', { n }) }))]} />
      </div>
      {/* Not before it is known which there are: that answer would take the new one off again. */}
      <button type="button" id="invite-make" disabled={!invites && !problem} onClick={() => void make()}><Icon name="plus" />{t('inviteMake')}</button>
    </Frame>
  );
}

function about({ expires_at, uses, uses_left }: Invite): string {
  return [expires_at ? t('inviteEnds', { time: whenText(expires_at) }) : t('inviteForever'), uses > 0 ? t('inviteUsed', { n: uses }) : '', uses_left === undefined ? '' : t('inviteLeft', { n: uses_left })].filter(Boolean).join(' · ');
}
