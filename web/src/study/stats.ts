// SPDX-License-Identifier: MIT
// What one has studied on the days of a week or month, and what runs meanwhile.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Got } from 'maru-client';
import { rest } from '../maru';
import { now, studiedToday } from './clock';
import { own } from './own';
import { dayOf } from './zone';

export type Stats = Got<'/v1/study-stats'>;
export type StudyDay = Stats['days'][number];
export type Period = 'week' | 'month';

/** The statistics around a day (null: today) as they were answered last, and the way to ask again. */
export function useStats(period: Period, date: string | null): { stats: Stats | null; problem: unknown; reload: () => void } {
  const [stats, setStats] = useState<Stats | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const run = useRef(0);
  const load = () => {
    const mine = ++run.current;
    rest.get('/v1/study-stats', { period, ...date && { date } }).then((answer) => {
      if (run.current !== mine) return;
      setStats(answer);
      setProblem(null);
    }, (why) => { if (run.current === mine) setProblem(why); });
  };
  const isNextDay = stats !== null && now.value > 0 && dayOf(now.value, stats.time_zone, stats.day_start) > stats.today.date;
  // When one sits down, pauses, corrects a session elsewhere or changes a setting, what is known of oneself is another thing, too.
  const known = own.value;
  useEffect(load, [period, date, known, isNextDay]);
  useEffect(() => () => { run.current++; }, []);
  return { stats, problem, reload: load };
}

/** With what has run since they were answered. */
export function withRunning(stats: Stats): Stats {
  const desk = own.value?.desk;
  if (!desk?.since || stats.desk?.since !== desk.since) return stats;
  const studied = Math.max(stats.today.studied, studiedToday(desk, now.value));
  const more = studied - stats.today.studied;
  const isIn = stats.days.some(({ date }) => date === stats.today.date);
  return {
    ...stats, today: { ...stats.today, studied }, studied: stats.studied + (isIn ? more : 0),
    days: stats.days.map((day) => (day.date === stats.today.date ? { ...day, studied: day.studied + more } : day)),
  };
}
