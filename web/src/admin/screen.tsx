// SPDX-License-Identifier: MIT
// What admins see and do. Each part is read when it is opened.
import { useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import { t, type TextKey } from '../i18n';
import { me } from '../maru';
import { Screen } from '../ui/screen';
import { Categories, Packs, Words } from './lists';
import { Audit } from './audit';
import { Reports } from './reports';
import { Stats } from './stats';
import { Users } from './users';

const PARTS: Record<string, FunctionComponent> = { stats: Stats, users: Users, reports: Reports, words: Words, categories: Categories, packs: Packs, audit: Audit };
const NAMES = Object.keys(PARTS);

export default function AdminScreen() {
  const [part, setPart] = useState('stats');
  if (me.value?.role !== 'admin') return <Screen id="admin" title={t('admin')}><p class="empty">{t('adminsOnly')}</p></Screen>;
  const turn = ({ key }: KeyboardEvent) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = NAMES[(NAMES.indexOf(part) + step + NAMES.length) % NAMES.length]!;
    setPart(next);
    document.getElementById(`admin-${next}`)?.focus();
  };
  const View = PARTS[part]!;
  return (
    <Screen id="admin" title={t('admin')}>
      <div class="tabs" role="tablist" aria-label={t('admin')} onKeyDown={turn}>
        {NAMES.map((name) => (
          <button key={name} type="button" role="tab" id={`admin-${name}`} aria-controls="admin-panel" aria-selected={name === part} tabIndex={name === part ? 0 : -1} onClick={() => setPart(name)}>{t(`admin.${name}` as TextKey)}</button>
        ))}
      </div>
      <div id="admin-panel" role="tabpanel" aria-labelledby={`admin-${part}`}><View /></div>
    </Screen>
  );
}
