// SPDX-License-Identifier: MIT
import { useRef, useState } from 'preact/hooks';
import type { components } from 'maru-client';
import { ago, shortDate, t, type TextKey } from '../i18n';
import { me, rest } from '../maru';
import { Avatar } from '../ui/avatar';
import { Select } from '../ui/choose';
import { confirmed } from '../ui/dialog';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';

type User = components['schemas']['AdminUser'];
type State = User['state'] | '';

export function Users() {
  const [q, setQ] = useState('');
  const [state, setState] = useState<State>('');
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const pages = usePages<User>(async (cursor) => {
    const { users, next } = await rest.get('/v1/admin/users', { ...q && { q }, ...state && { state }, ...cursor && { cursor } });
    return { items: users, next };
  }, `${state}:${q}`);
  const [problem, attempt] = useAttempt();
  const change = (user: User, changes: Partial<Pick<User, 'role'>> & { state?: 'active' | 'disabled' }, question?: TextKey) => attempt(async () => {
    if (question && !await confirmed(t(question, { name: user.nickname }), t('change'))) return;
    const now = await rest.patch('/v1/admin/users/{user}', { user: user.id }, changes);
    pages.set((items) => items.map((one) => (one.id === now.id ? now : one)));
  });
  const type = (value: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQ(value.trim()), 250);
  };
  return (
    <>
      <div class="inline">
        <label><span>{t('findAccounts')}</span><input type="search" maxLength={254} autocapitalize="none" onInput={(event) => type(event.currentTarget.value)} /></label>
        <Select name="state" label={t('state')} value={state} onChange={(value) => setState(value as State)}
          options={[{ value: '', label: t('anyState') }, ...(['active', 'disabled', 'erased'] as const).map((value) => ({ value, label: t(`state.${value}`) }))]} />
      </div>
      <Trouble text={problem} />
      <ul class="rows" id="accounts">{pages.items.map((user) => <Row key={user.id} user={user} change={change} />)}</ul>
      <PagesEnd pages={pages} empty={t('nobodyFound')} />
    </>
  );
}

type Change = (user: User, changes: { role?: User['role']; state?: 'active' | 'disabled' }, question?: TextKey) => Promise<void>;

function Row({ user, change }: { user: User; change: Change }) {
  const isAdmin = user.role === 'admin';
  const isOpen = user.state === 'active';
  return (
    <li class="row-item" data-user={user.id}>
      <Avatar id={user.id} name={user.nickname} emblem={user.avatar} />
      <span class="text">
        <span class="title"><bdi>{user.nickname}</bdi>{isAdmin && <span class="tag">{t('admin')}</span>}{user.bot && <span class="tag">{t('bot')}</span>}{user.guest && <span class="tag">{t('guest')}</span>}{!isOpen && <span class="tag bad">{t(`state.${user.state}`)}</span>}</span>
        <span class="about">{[`@${user.name}`, user.email, t('since', { date: shortDate(new Date(user.created_at)) }), user.seen_at && t('seenAt', { when: ago(user.seen_at) })].filter(Boolean).join(' · ')}</span>
      </span>
      {user.id !== me.value?.id && user.state !== 'erased' && <>
        {!user.bot && !user.guest && <button type="button" class="small" onClick={() => void change(user, { role: isAdmin ? 'user' : 'admin' }, isAdmin ? 'demoteAsk' : 'promoteAsk')}>{t(isAdmin ? 'demote' : 'promote')}</button>}
        <button type="button" class="small" onClick={() => void change(user, { state: isOpen ? 'disabled' : 'active' }, isOpen ? 'disableAsk' : undefined)}>{t(isOpen ? 'disable' : 'enable')}</button>
      </>}
    </li>
  );
}
