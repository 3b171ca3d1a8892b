// SPDX-License-Identifier: MIT
import { useLayoutEffect, useRef } from 'preact/hooks';

/** For a box with rows: one that goes away, or elsewhere, leaves the focus to the one in its place, and the last one to the
 *  first thing in the box. row: a selector of rows; target: of what in a row, or in the box, takes it. */
export function useFocusKept(row: string, target: string) {
  const box = useRef<HTMLDivElement>(null);
  const place = useRef(-1); // of the row that has the focus
  useLayoutEffect(() => {
    if (place.current < 0 || document.activeElement !== document.body) return;
    const rows = box.current!.querySelectorAll<HTMLElement>(`${row} ${target}`);
    (rows[Math.min(place.current, rows.length - 1)] ?? box.current!.querySelector<HTMLElement>(target))?.focus();
  });
  const onFocusIn = ({ target: at }: FocusEvent) => {
    const found = (at as Element).closest(row);
    place.current = found ? [...box.current!.querySelectorAll(row)].indexOf(found) : -1;
  };
  // Told of a row that is about to go, too: what became of it is seen a moment later.
  const onFocusOut = ({ target: at }: FocusEvent) => queueMicrotask(() => {
    if ((at as Element).isConnected && !box.current?.contains(document.activeElement)) place.current = -1;
  });
  return { ref: box, onFocusIn, onFocusOut };
}
