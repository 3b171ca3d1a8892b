// SPDX-License-Identifier: MIT
// Where else one is logged in, and how to end it.
import { ago, t } from '../i18n';
import type { components } from 'maru-client';
import { rest } from '../maru';
import { confirmed } from '../ui/dialog';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';
import { Part } from '../ui/screen';

type Session = components['schemas']['Session'];

const SYSTEMS: [RegExp, string][] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS/, 'macOS'], [/Linux/, 'Linux']];
const BROWSERS: [RegExp, string][] = [[/Edg\//, 'Edge'], [/SamsungBrowser/, 'Samsung Internet'], [/Whale\//, 'Whale'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']];
const find = (list: [RegExp, string][], agent: string): string | undefined => list.find(([pattern]) => pattern.test(agent))?.[1];

/** "Firefox, Linux"; what it calls itself where that says nothing. */
export function deviceName(agent: string): string {
  return [find(BROWSERS, agent), find(SYSTEMS, agent)].filter(Boolean).join(', ') || agent.slice(0, 60) || t('unknownDevice');
}

export function Sessions() {
  const pages = usePages<Session>(async (cursor) => {
    const { sessions, next } = await rest.get('/v1/sessions', { limit: 50, ...cursor && { cursor } });
    return { items: sessions.sort((a, b) => Number(b.current) - Number(a.current) || b.seen_at.localeCompare(a.seen_at)), next };
  });
  const [problem, attempt] = useAttempt();
  const end = (id: number) => attempt(async () => {
    await rest.delete('/v1/sessions/{session}', { session: id });
    pages.set((items) => items.filter((one) => one.id !== id));
  });
  const endAll = () => attempt(async () => {
    if (!await confirmed(t('endAllAsk'), t('endAll'))) return;
    await rest.delete('/v1/sessions', {});
    pages.reload();
  });
  return (
    <Part title={t('sessions')} about={t('sessionsAbout')} action={pages.items.length > 1 && <button type="button" class="small" onClick={() => void endAll()}>{t('endAll')}</button>}>
      <Trouble text={problem} />
      <ul class="rows" id="sessions">
        {pages.items.map(({ id, agent, address, seen_at: seen, current }) => (
          <li key={id} class="row-item">
            <span class="text"><span class="title">{deviceName(agent)}{current && <span class="tag">{t('thisDevice')}</span>}</span><span class="about">{address} · {current ? t('online') : ago(seen)}</span></span>
            {!current && <button type="button" class="small" aria-label={t('endSessionOf', { name: deviceName(agent) })} onClick={() => void end(id)}>{t('endSession')}</button>}
          </li>
        ))}
      </ul>
      <PagesEnd pages={pages} empty="" />
    </Part>
  );
}
