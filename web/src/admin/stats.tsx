// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'preact/hooks';
import { number, t, type TextKey } from '../i18n';
import { rest } from '../maru';
import { Trouble, useAttempt } from '../ui/pages';

const SHOWN = ['users', 'bots', 'sessions', 'rooms', 'messages_about', 'room_events', 'disabled', 'erased'] as const;

export function Stats() {
  const [stats, setStats] = useState<Record<string, number> | null>(null);
  const [problem, attempt] = useAttempt();
  useEffect(() => { void attempt(async () => setStats(await rest.get('/v1/admin/stats', {}))); }, []);
  return (
    <>
      <Trouble text={problem} />
      <dl class="stats">{stats && SHOWN.map((name) => <div key={name}><dt>{t(`stats.${name}` as TextKey)}</dt><dd>{number(stats[name] ?? 0)}</dd></div>)}</dl>
    </>
  );
}
