// SPDX-License-Identifier: MIT
// Reporting the room, or somebody in it, to those who run the server.
import { t, type TextKey } from '../i18n';
import { rest } from '../maru';
import { FormDialog } from '../ui/dialog';
import { Area, valueOf } from '../ui/form';
import { Choice } from './choice';
import type { RoomDialog } from './dialogs';

const REASONS = ['spam', 'abuse', 'sexual', 'violence', 'privacy', 'other'] as const;

export function Report({ chat, close, user, name }: RoomDialog & { user?: number; name?: string }) {
  const submit = async (form: HTMLFormElement) => {
    const detail = valueOf(form, 'detail').trim();
    await rest.post('/v1/reports', {}, { room: chat.room.id, ...user && { user }, reason: valueOf(form, 'reason') as (typeof REASONS)[number], ...detail && { detail } });
    close();
    chat.outcome.value = t('reportSent');
  };
  return (
    <FormDialog id="report" heading={user ? t('reportName', { name: name ?? '' }) : t('reportRoom')} about={t('reportRoomAbout')} yes={t('reportYes')} close={close} submit={submit}>
      <Choice name="reason" label={t('reportWhy')} value="spam" options={REASONS.map((one) => [one, t(`reportFor.${one}` as TextKey)])} />
      <Area name="detail" label={t('reportMore')} rows={3} maxLength={1000} />
    </FormDialog>
  );
}
