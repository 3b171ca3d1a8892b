// SPDX-License-Identifier: MIT
// Lists that the server answers page by page, and works that may fail with words.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { problemText } from '../problem';

export interface Page<Item> { items: Item[]; next: string | number | null }
export interface Pages<Item> {
  items: Item[]; loaded: boolean; problem: unknown;
  hasMore: boolean;
  more(): void;
  reload(): void;
  set(change: (items: Item[]) => Item[]): void;
}

/** The pages that load(cursor) answers; begins anew when `key` is another one. */
export function usePages<Item>(load: (cursor: string | undefined) => Promise<Page<Item>>, key: string = ''): Pages<Item> {
  const [state, setState] = useState<Page<Item> & { loaded: boolean; problem: unknown }>({ items: [], next: null, loaded: false, problem: null });
  const run = useRef(0);
  const read = (cursor?: string) => {
    const mine = ++run.current;
    load(cursor).then(({ items, next }) => {
      if (run.current === mine) setState((before) => ({ items: cursor === undefined ? items : [...before.items, ...items], next, loaded: true, problem: null }));
    }, (problem) => { if (run.current === mine) setState((before) => ({ ...before, loaded: true, problem })); });
  };
  useEffect(() => {
    read();
    return () => { run.current++; };
  }, [key]);
  return {
    items: state.items, loaded: state.loaded, problem: state.problem, hasMore: state.next !== null,
    more: () => read(String(state.next)),
    reload: () => read(),
    set: (change) => setState((before) => ({ ...before, items: change(before.items) })),
  };
}

/** What stands below a list: why there is nothing, or the way to more. */
export function PagesEnd<Item>({ pages, empty }: { pages: Pages<Item>; empty: ComponentChildren }) {
  if (pages.problem) return <p class="error" role="alert">{problemText(pages.problem)} <button type="button" class="small" onClick={pages.reload}>{t('retry')}</button></p>;
  if (!pages.loaded) return <p class="empty" role="status">{t('loading')}</p>;
  return (
    <>
      {pages.items.length === 0 && !pages.hasMore && <div class="empty">{empty}</div>}
      {pages.hasMore && <button type="button" class="more" onClick={pages.more}>{t('more')}</button>}
    </>
  );
}

/** [what went wrong with the last one, runs a work]. */
export function useAttempt(): [string, (work: () => Promise<unknown>) => Promise<void>] {
  const [problem, setProblem] = useState<unknown>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    setProblem(null);
    await work().catch(setProblem);
  };
  return [problem ? problemText(problem) : '', attempt];
}

export const Trouble = ({ text }: { text: string }) => <p class="error" role="alert">{text}</p>;
