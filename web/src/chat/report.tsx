// SPDX-License-Identifier: MIT
// Tells those who look after the room, and the admins, about a message.
import type { Message } from 'maru-client';
import { t, type TextKey } from '../i18n';
import { rest } from '../maru';
import { ask, FormDialog } from '../ui/dialog';
import { Area, valueOf } from '../ui/form';
import type { Talk } from './talk';

const REASONS = { spam: 'flagSpam', abuse: 'flagAbuse', sexual: 'flagSexual', violence: 'flagViolence', privacy: 'flagPrivacy', other: 'flagOther' } as const satisfies Record<string, TextKey>;
type Reason = keyof typeof REASONS;

export async function report(talk: Talk, message: Message): Promise<void> {
  const done = await ask<boolean>((close) => (
    <FormDialog id="report" heading={t('flagHeading')} about={t('flagAbout')} yes={t('flagSend')} close={close} submit={async (form) => {
      await rest.post('/v1/reports', {}, { room: talk.room.id, message: message.seq, reason: valueOf(form, 'reason') as Reason, detail: valueOf(form, 'detail').trim() });
      close(true);
    }}>
      <fieldset>
        <legend>{t('flagReason')}</legend>
        {Object.entries(REASONS).map(([reason, key], i) => <label key={reason} class="choice"><input type="radio" name="reason" value={reason} defaultChecked={i === 0} />{t(key)}</label>)}
      </fieldset>
      <Area name="detail" label={t('flagDetail')} rows={3} maxLength={1000} />
    </FormDialog>
  ));
  if (done) talk.say(t('flagged'));
}
