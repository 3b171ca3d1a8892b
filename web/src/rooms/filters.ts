// SPDX-License-Identifier: MIT
// What is looked for among all rooms.
import { signal } from '@preact/signals';

export interface Filters { q: string; category: string; tag: string; kind: '' | 'public' | 'secret'; free: boolean; sort: 'new' | 'members' | 'likes' }

export const noFilters: Filters = { q: '', category: '', tag: '', kind: '', free: false, sort: 'new' };
export const filters = signal<Filters>(noFilters);

export const isPlain = (sort: Filters['sort']): boolean => sort === 'new';

/** How many conditions there are, but for the words and the order. */
export const countFilters = ({ category, tag, kind, free }: Filters): number => [category, tag, kind, free].filter(Boolean).length;
export const hasFilters = (one: Filters): boolean => countFilters(one) > 0 || one.q !== '' || one.sort !== 'new';

/** As GET /v1/rooms takes them. */
export function queryOf({ q, category, tag, kind, free, sort }: Filters) {
  return { ...q && { q }, ...category && { category: Number(category) }, ...tag && { tag }, ...kind && { kind }, ...free && { free: '1' as const }, ...sort !== 'new' && { sort } };
}
