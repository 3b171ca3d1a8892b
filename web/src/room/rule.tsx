// SPDX-License-Identifier: MIT
// What of a room one wants to be told, and rest from it for a while. Holds at once.
import { useEffect } from 'preact/hooks';
import type { Got } from 'maru-client';
import { t } from '../i18n';
import { maru, rest } from '../maru';
import type { RoomDialog } from './dialogs';
import { Frame, useAsked } from './frame';
import { whenText } from './when';

type Rule = Got<'/v1/rooms/{room}/notification-rule'>;
const LEVELS = [['all', 'ruleAll'], ['mentions', 'ruleMentions'], ['none', 'ruleNone']] as const;

export function Rule({ chat, close }: RoomDialog) {
  const room = chat.room.id;
  const { answer: rule, setAnswer, problem, attempt } = useAsked(() => rest.get('/v1/rooms/{room}/notification-rule', { room }));
  useEffect(() => maru.on('own', ({ type, data }) => { if (type === 'rule.updated' && data.room === room) setAnswer(data as unknown as Rule); }), []);
  const set = (now: { level?: Rule['level']; quiet_seconds?: number }) =>
    attempt(async () => setAnswer(await rest.put('/v1/rooms/{room}/notification-rule', { room }, now)));
  const isQuiet = rule?.quiet_until !== undefined && new Date(rule.quiet_until).getTime() > Date.now();
  return (
    <Frame id="rule" heading={t('ruleHeading')} problem={problem} close={close}>
      <fieldset disabled={!rule}><legend class="sr">{t('ruleHeading')}</legend>
        {LEVELS.map(([level, key]) => (
          <label key={level} class="choice"><input type="radio" name="level" value={level} checked={rule?.level === level} onChange={() => void set({ level })} /><span>{t(key)}</span></label>
        ))}
      </fieldset>
      <fieldset class="quiet" disabled={!rule}><legend>{t('quiet')}</legend>
        <p role="status">{isQuiet ? t('quietUntil', { time: whenText(rule!.quiet_until!) }) : t('quietAbout')}</p>
        <div class="row-of">
          {[1, 8, 24].map((n) => <button key={n} type="button" class="small" onClick={() => void set({ quiet_seconds: n * 3600 })}>{t('hours', { n })}</button>)}
          {isQuiet && <button type="button" class="small" onClick={() => void set({ quiet_seconds: 0 })}>{t('quietEnd')}</button>}
        </div>
      </fieldset>
    </Frame>
  );
}
