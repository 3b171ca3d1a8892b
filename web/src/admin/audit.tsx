// SPDX-License-Identifier: MIT
import type { components } from 'maru-client';
import { fullTime, t } from '../i18n';
import { rest } from '../maru';
import { profileOf } from '../me/people';
import { PagesEnd, usePages } from '../ui/pages';

type Entry = components['schemas']['AuditEntry'];

export function Audit() {
  const pages = usePages<Entry>(async (cursor) => {
    const { audit, next } = await rest.get('/v1/audit', { ...cursor && { cursor } });
    return { items: audit, next };
  });
  return (
    <>
      <ul class="rows" id="audit">{pages.items.map((entry) => <Row key={entry.id} entry={entry} />)}</ul>
      <PagesEnd pages={pages} empty={t('noAudit')} />
    </>
  );
}

const nameIn = (id: number): string => profileOf(id).value?.nickname ?? `#${id}`;

function Row({ entry }: { entry: Entry }) {
  const about = [entry.user && nameIn(entry.user), entry.room && t('roomNumber', { id: String(entry.room) })].filter(Boolean).join(' · ');
  const data = Object.entries(entry.data).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');
  return (
    <li class="row-item">
      <span class="text"><span class="title"><bdi>{nameIn(entry.actor)}</bdi><code>{entry.action}</code></span><span class="about" dir="auto">{[about, data].filter(Boolean).join(' · ')}</span></span>
      <span class="waits"><time dateTime={entry.created_at}>{fullTime(new Date(entry.created_at))}</time></span>
    </li>
  );
}
