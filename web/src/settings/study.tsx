// SPDX-License-Identifier: MIT
// How much one wants to study, and how one counts days and weeks.
import { language, t } from '../i18n';
import { among, Choices, Select } from '../ui/choose';
import { Trouble, useAttempt } from '../ui/pages';
import { Part } from '../ui/screen';
import { change, settings, type Settings } from './account';

const MOST = 24 * 60;
const QUARTERS = [0, 15, 30, 45];
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const hourName = (hour: number): string => new Intl.DateTimeFormat(language.value, { hour: 'numeric', timeZone: 'UTC' }).format(new Date(hour * 3600000));

export function Study() {
  const [problem, attempt] = useAttempt();
  const now = settings.value;
  if (!now) return null;
  const set = (changes: Partial<Settings>) => void attempt(() => change(changes));
  const [hours, minutes] = [Math.floor(now.study_goal / 60), now.study_goal % 60];
  const aim = (goal: number) => set({ study_goal: Math.min(MOST, goal) });
  return (
    <Part title={t('study')} about={t('studyAbout')}>
      <fieldset class="goal"><legend>{t('studyGoal')}</legend>
        <Select name="goal_hours" label={t('studyHours')} value={String(hours)} options={among(hours, upTo(25), (n) => t('hours', { n }))} onChange={(value) => aim(Number(value) * 60 + minutes)} />
        <Select name="goal_minutes" label={t('studyMinutes')} value={String(minutes)} options={among(minutes, QUARTERS, (n) => t('minutes', { n }))} onChange={(value) => aim(hours * 60 + Number(value))} />
      </fieldset>
      <Select name="day_start" label={t('dayStart')} hint={t('dayStartHint')} value={String(now.day_start)} options={upTo(24).map((n) => ({ value: String(n), label: hourName(n) }))} onChange={(value) => set({ day_start: Number(value) })} />
      <Choices name="week_start" label={t('weekStart')} value={now.week_start} options={[{ value: 'monday', label: t('monday') }, { value: 'sunday', label: t('sunday') }]}
        onChange={(value) => set({ week_start: value as Settings['week_start'] })} />
      <Trouble text={problem} />
    </Part>
  );
}
