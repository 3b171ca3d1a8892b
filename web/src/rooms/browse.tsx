// SPDX-License-Identifier: MIT
// How all rooms are searched: words, conditions, order. Every change asks the server, words a moment later.
import { effect, signal } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { components } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Select, Switch } from '../ui/choose';
import { Icon } from '../ui/icon';
import { Reading } from '../ui/reading';
import { all, categoriesChanged, tab } from './rooms';
import { countFilters, filters, noFilters, type Filters } from './filters';

const PAUSE = 250; // milliseconds after the last key

export type Category = components['schemas']['Category'];
export const categories = signal<Category[]>([]);

const reading = new Reading();

/** The categories, kept up to date while somebody looks. */
export function useCategories(): Category[] {
  const changed = categoriesChanged.value;
  useEffect(() => { reading.read(() => rest.get('/v1/categories', {}), (page) => { categories.value = page.categories; }).catch(() => {}); }, [changed]);
  return categories.value;
}

export const change = (changes: Partial<Filters>): void => { filters.value = { ...filters.value, ...changes }; };

export function Browse() {
  const [open, setOpen] = useState(false);
  const id = useId();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const count = countFilters(filters.value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => effect(() => { if (input.current && filters.value.q === '' && input.current !== document.activeElement) input.current.value = ''; }), []);
  const type = (q: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ q: q.trim() }), PAUSE);
  };
  return (
    <div role="search" class="browse">
      <div class="browse-row">
        <label class="seek"><span class="sr">{t('findRooms')}</span><Icon name="search" />
          <input ref={input} type="search" placeholder={t('findRooms')} maxLength={100} onInput={(event) => type(event.currentTarget.value)} />
        </label>
        <button type="button" class="square" aria-expanded={open} aria-controls={id} aria-label={count > 0 ? t('filtersOn', { n: count }) : t('filters')} title={t('filters')} onClick={() => setOpen(!open)}>
          <Icon name="settings" />{count > 0 && <span class="dot" />}
        </button>
      </div>
      <div id={id} class="filters" hidden={!open}>{open && <Conditions />}</div>
    </div>
  );
}

function Conditions() {
  const now = filters.value;
  const list = useCategories();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  // What is looked for, but what is being typed while that waits.
  const [typed, setTyped] = useState<string | null>(null);
  const later = (tag: string) => {
    setTyped(tag);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setTyped(null);
      change({ tag: tag.trim().replace(/^#/, '') });
    }, PAUSE);
  };
  return (
    <>
      <Select name="sort" label={t('sort')} value={now.sort} onChange={(sort) => change({ sort: sort as Filters['sort'] })}
        options={[{ value: 'new', label: t('sortNew') }, { value: 'members', label: t('sortMembers') }, { value: 'likes', label: t('sortLikes') }]} />
      <Select name="category" label={t('category')} value={now.category} onChange={(category) => change({ category })}
        options={[{ value: '', label: t('anyCategory') }, ...list.map(({ id, name }) => ({ value: String(id), label: name }))]} />
      <Select name="kind" label={t('kindShort')} value={now.kind} onChange={(kind) => change({ kind: kind as Filters['kind'] })}
        options={[{ value: '', label: t('anyKind') }, { value: 'public', label: t('kindPublicShort') }, { value: 'secret', label: t('kindSecretShort') }]} />
      <label><span>{t('tag')}</span><input name="tag" maxLength={21} autocapitalize="none" value={typed ?? now.tag} onInput={(event) => later(event.currentTarget.value)} /></label>
      <Switch label={t('freeOnly')} checked={now.free} onChange={(free) => change({ free })} />
      <button type="button" class="link" hidden={countFilters(now) === 0} onClick={() => { filters.value = { ...noFilters, q: now.q }; }}>{t('clearFilters')}</button>
    </>
  );
}

// ---- how many are inside

/** People inside of rooms, as far as it was asked for. */
export const occupancy = signal<ReadonlyMap<number, number>>(new Map());
const MOST = 100;

async function count(): Promise<void> {
  const ids = all.peek().rooms.slice(0, MOST).map(({ id }) => id);
  if (ids.length === 0) return;
  const page = await rest.get('/v1/rooms/occupancy', { rooms: ids.join(',') });
  occupancy.value = new Map(page.occupancy.map(({ id, present }) => [id, present]));
}

/** Counts when the list of all rooms is opened, or another page of it is there. */
export function startCounting(): void {
  let before = '';
  effect(() => {
    const shown = tab.value === 'all' ? all.value.rooms.map(({ id }) => id).join() : '';
    if (shown === before) return;
    before = shown;
    if (shown) count().catch(() => {}); // the numbers are left out then
  });
}
