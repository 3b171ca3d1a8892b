// SPDX-License-Identifier: MIT
// Reporting a message, a room or somebody in it to those who look after it.
import type { components } from 'maru-client';
import { t, type TextKey } from '../i18n';
import { rest } from '../maru';
import { Select } from './choose';
import { ask, FormDialog } from './dialog';
import { Area, valueOf } from './form';

type NewReport = components['schemas']['NewReport'];

const REASONS = ['spam', 'abuse', 'sexual', 'violence', 'privacy', 'other'] as const;
export const reasonText = (reason: string): string => t(`reason.${reason}` as TextKey);

/** Asks why, and reports it. Resolves with whether it was done. */
export async function report(what: Pick<NewReport, 'room' | 'message' | 'user'>, heading: string, about: string): Promise<boolean> {
  const done = await ask<true>((close) => (
    <FormDialog id="report" heading={heading} about={about} yes={t('reportYes')} close={close} submit={async (form) => {
      const detail = valueOf(form, 'detail').trim();
      await rest.post('/v1/reports', {}, { ...what, reason: valueOf(form, 'reason') as NewReport['reason'], ...detail && { detail } });
      close(true);
    }}>
      <Select name="reason" label={t('reportWhy')} value="spam" options={REASONS.map((value) => ({ value, label: reasonText(value) }))} />
      <Area name="detail" label={t('reportMore')} rows={3} maxLength={1000} />
    </FormDialog>
  ));
  return done === true;
}
