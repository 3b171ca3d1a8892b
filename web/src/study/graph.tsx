// SPDX-License-Identifier: MIT
// How long one has studied: a bar for each day of a week or month. A bar that is pressed shows what it is made of.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { problemText } from '../problem';
import { Choices } from '../ui/choose';
import { Icon } from '../ui/icon';
import { Trouble } from '../ui/pages';
import { Bars } from './bars';
import { MINUTE, Time } from './clock';
import { loadOwn } from './own';
import { Sessions } from './sessions';
import { useStats, withRunning, type Period, type Stats, type StudyDay } from './stats';
import { fullDay, hoursSaid, hoursText, monthName, spanText, weekName } from './words';
import { dayAfter } from './zone';

const SWIPE = 50; // pixels
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export default function Graph() {
  const [period, setPeriod] = useState<Period>('week');
  const [date, setDate] = useState<string | null>(null);
  const [picked, setPicked] = useState<string | null>(null);
  const { stats, problem, reload } = useStats(period, date);
  const live = stats && withRunning(stats);
  return (
    <div class="study-graph" aria-busy={!stats}>
      <Choices name="period" label={t('period')} value={period} options={[{ value: 'week', label: t('periodWeek') }, { value: 'month', label: t('periodMonth') }]}
        onChange={(value) => setPeriod(value as Period)} />
      <Trouble text={problem ? problemText(problem) : ''} />
      {live && <Turning stats={live} picked={picked} pick={setPicked} turn={(day) => {
        setDate(day);
        setPicked(null);
      }} />}
      {live && <Facts stats={live} />}
      {live && picked && <Sessions key={picked} date={picked} stats={live} changed={() => { loadOwn().catch(reload); }} close={() => {
        setPicked(null);
        document.querySelector<HTMLElement>(`.bars [data-date="${picked}"]`)?.focus();
      }} />}
      {live && <Table stats={live} />}
    </div>
  );
}

interface TurningProps { stats: Stats; picked: string | null; pick: (day: string | null) => void; turn: (date: string) => void }

// Where a key leads: to another day, which may be one of another period, or to the same place of that.
function target(stats: Stats, key: string, from: string | undefined): string | null {
  const step = STEPS[key];
  if (key === 'PageUp' || (key === 'ArrowLeft' && !from)) return dayAfter(stats.from, -1);
  if (key === 'PageDown' || (key === 'ArrowRight' && !from)) return dayAfter(stats.to, 1);
  if (!from || !step) return null;
  return Math.abs(step) > 1 && stats.period !== 'month' ? null : dayAfter(from, step);
}

function Turning({ stats, picked, pick, turn }: TurningProps) {
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null); // the day that gets the focus when it is there
  const began = useRef<Touch | null>(null);
  const focus = () => {
    const button = wanted.current && box.current!.querySelector<HTMLElement>(`[data-date="${wanted.current}"]`);
    if (!button) return;
    wanted.current = null;
    button.focus();
  };
  useLayoutEffect(focus); // before the next key can come
  const isLast = dayAfter(stats.to, 1) > stats.today.date;
  const go = (day: string) => { if (day <= stats.today.date) turn(day); };
  const key = (event: KeyboardEvent) => {
    const from = (event.target as Element).closest<HTMLElement>('[data-date]')?.dataset.date;
    const to = event.altKey || event.ctrlKey || event.metaKey ? null : target(stats, event.key, from);
    if (!to) return;
    event.preventDefault();
    if (from && to <= stats.today.date) wanted.current = to;
    if (to < stats.from || to > stats.to) go(to);
    else focus();
  };
  const end = ({ changedTouches: [touch] }: TouchEvent) => {
    const [dx, dy] = [touch!.clientX - (began.current?.clientX ?? 0), touch!.clientY - (began.current?.clientY ?? 0)];
    if (began.current && Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) go(dx > 0 ? dayAfter(stats.from, -1) : dayAfter(stats.to, 1));
    began.current = null;
  };
  return (
    <div ref={box} onKeyDown={key} onTouchStart={({ touches }) => { began.current = touches.length === 1 ? touches[0]! : null; }} onTouchEnd={end}>
      <div class="graph-head">
        <button type="button" class="square" aria-label={t('periodBefore')} title={t('periodBefore')} onClick={() => go(dayAfter(stats.from, -1))}><Icon name="back" /></button>
        <h3 aria-live="polite">{stats.period === 'month' ? monthName(stats.from) : weekName(stats.from, stats.to)}</h3>
        <button type="button" class="square" aria-label={t('periodAfter')} title={t('periodAfter')} aria-disabled={isLast} onClick={() => go(dayAfter(stats.to, 1))}><Icon name="next" /></button>
      </div>
      <Bars stats={stats} picked={picked} pick={(day) => pick(day === picked ? null : day)} />
    </div>
  );
}

function Facts({ stats: { studied, streak, goal, today } }: { stats: Stats }) {
  return (
    <dl class="graph-facts">
      <div><dt>{t('studyTotal')}</dt><dd>{hoursSaid(studied)}</dd></div>
      <div><dt>{t('streak')}</dt><dd>{t('days', { n: streak })}</dd></div>
      <div><dt>{t('studiedToday')}</dt><dd><Time ms={today.studied} /></dd></div>
      {goal > 0 && <div><dt>{t('studyGoal')}</dt><dd>{spanText(goal * MINUTE)}</dd></div>}
    </dl>
  );
}

function Table({ stats: { days, studied, today } }: { stats: Stats }) {
  const line = ({ date, studied: all, corrected }: StudyDay) => (
    <tr key={date} data-day={date}>
      <th scope="row">{fullDay(date)}{date === today.date && ` (${t('today')})`}</th><td>{hoursText(all)}</td><td>{hoursText(corrected)}</td>
    </tr>
  );
  return (
    <details class="graph-table">
      <summary>{t('asTable')}</summary>
      <table>
        <thead><tr><th scope="col">{t('day')}</th><th scope="col">{t('studyHours')}</th><th scope="col">{t('hoursCorrected')}</th></tr></thead>
        <tbody>{days.map(line)}</tbody>
        <tfoot><tr><th scope="row">{t('studyTotal')}</th><td>{hoursText(studied)}</td><td>{hoursText(days.reduce((sum, { corrected }) => sum + corrected, 0))}</td></tr></tfoot>
      </table>
    </details>
  );
}
