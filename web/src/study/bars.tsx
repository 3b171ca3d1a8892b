// SPDX-License-Identifier: MIT
// The bars themselves: those of a week beside each other, those of a month as on a calendar.
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { HOUR, MINUTE } from './clock';
import type { Stats, StudyDay } from './stats';
import { fullDay, hoursSaid, hoursText, weekday } from './words';
import { dayAfter } from './zone';

const TOPS = [1, 2, 4, 6, 8, 10, 12, 16, 20, 25]; // hours that a scale ends with

interface Scale { top: number; goal: number; today: string; picked: string | null; tab: string }

function scaleOf({ days, goal, today, to }: Stats, picked: string | null): Scale {
  const most = Math.max(goal * MINUTE, ...days.map(({ studied }) => studied));
  const isIn = (day: string | null) => days.some(({ date }) => date === day);
  const tab = isIn(picked) ? picked! : isIn(today.date) ? today.date : to;
  return { top: TOPS.find((hours) => hours * HOUR >= most) ?? TOPS.at(-1)!, goal: goal * MINUTE, today: today.date, picked, tab };
}

export function Bars({ stats, picked, pick }: { stats: Stats; picked: string | null; pick: (day: string) => void }) {
  const scale = scaleOf(stats, picked);
  const { days, period } = stats;
  const bars = days.map((day) => <Bar key={day.date} day={day} scale={scale} name={period === 'month' ? String(Number(day.date.slice(8))) : weekday(day.date)} pick={pick} />);
  return (
    <>
      {period === 'month' ? <Calendar stats={stats}>{bars}</Calendar> : (
        <div class="bars week" role="group" aria-label={t('graphOf')}>
          <div class="scale" aria-hidden="true"><span>{hoursText(scale.top * HOUR)}</span><span>{hoursText(scale.top * HOUR / 2)}</span><span>{hoursText(0)}</span></div>
          {bars}
        </div>
      )}
      <p class="legend about">
        {scale.goal > 0 && <span data-of="goal">{t('goalLine', { hours: hoursSaid(scale.goal) })}</span>}
        {days.some(({ corrected }) => corrected > 0) && <span data-of="corrected">{t('corrected')}</span>}
      </p>
    </>
  );
}

// Its first day stands below its weekday.
function Calendar({ stats: { from, week_start }, children }: { stats: Stats; children: ComponentChildren }) {
  const before = (new Date(from).getUTCDay() + (week_start === 'monday' ? 6 : 0)) % 7;
  const first = dayAfter(from, -before);
  return (
    <div class="bars month" role="group" aria-label={t('graphOf')}>
      {Array.from({ length: 7 }, (_, i) => <span key={`d${i}`} class="weekday" aria-hidden="true">{weekday(dayAfter(first, i))}</span>)}
      {Array.from({ length: before }, (_, i) => <span key={`b${i}`} />)}
      {children}
    </div>
  );
}

function Bar({ day: { date, studied, corrected }, scale, name, pick }: { day: StudyDay; scale: Scale; name: string; pick: (day: string) => void }) {
  const isToday = date === scale.today;
  const [hours, said] = [hoursText(studied), hoursSaid(studied)];
  const label = t(isToday ? 'barToday' : corrected > 0 ? 'barCorrected' : 'barOf', { day: fullDay(date), hours: said });
  return (
    <button type="button" class="day-bar" data-date={date} data-empty={studied === 0} data-reached={scale.goal > 0 && studied >= scale.goal} aria-pressed={date === scale.picked} aria-current={isToday ? 'date' : undefined}
      disabled={date > scale.today} tabIndex={date === scale.tab ? 0 : -1} onClick={() => pick(date)}>
      <span class="sr">{label}</span>
      <span class="bar-hours" aria-hidden="true">{hours}</span>
      <Drawing studied={studied} corrected={corrected} scale={scale} />
      <span class="bar-day" aria-hidden="true">{name}</span>
    </button>
  );
}

function Drawing({ studied, corrected, scale: { top, goal } }: { studied: number; corrected: number; scale: Scale }) {
  const height = (ms: number) => Math.min(100, ms / (top * HOUR) * 100);
  const goalAt = 100 - height(goal);
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <rect class="part-studied" x="18" width="64" y={100 - height(studied)} height={height(studied)} />
      <rect class="part-corrected" x="18" width="64" y={100 - height(studied)} height={height(corrected)} />
      {goal > 0 && <line class="goal-line" x1="0" x2="100" y1={goalAt} y2={goalAt} />}
    </svg>
  );
}
