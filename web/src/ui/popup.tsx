// SPDX-License-Identifier: MIT
// Something small that opens beside what it belongs to, and on a phone from below; Escape and a click
// anywhere else close it.
//
//   const answer = await openPopup<string>({ anchor, label, name }, (close) => <Choice pick={close} />);
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ask } from './dialog';

const GAP = 6;

interface PopupOptions {
  /** Beside what it opens; without it in the middle. */
  anchor?: Element | null;
  label: string;
  /** Its id. */
  name: string;
}

export function openPopup<Answer>(options: PopupOptions, view: (close: (answer: Answer | null) => void) => ComponentChildren): Promise<Answer | null> {
  const before = document.activeElement;
  return ask<Answer>((close) => <Popup {...options} close={() => close(null)}>{view(close)}</Popup>).then((answer) => {
    // A dialog that is taken out of the page gives the focus back to nobody.
    if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    return answer;
  });
}

// Below the anchor if there is room, else above it, and within the window.
function place(dialog: HTMLElement, anchor: DOMRect): void {
  const { width, height } = dialog.getBoundingClientRect();
  const left = anchor.left + width + GAP > innerWidth ? anchor.right - width : anchor.left;
  const below = anchor.bottom + GAP;
  const top = below + height + GAP > innerHeight ? anchor.top - height - GAP : below;
  const within = (at: number, most: number) => `${Math.round(Math.max(GAP, Math.min(at, most - GAP)))}px`;
  dialog.style.left = within(left, innerWidth - width);
  dialog.style.top = within(top, innerHeight - height);
}

function Popup({ anchor, label, name, close, children }: PopupOptions & { close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const node = dialog.current!;
    const rect = anchor?.getBoundingClientRect();
    const sheet = matchMedia('(max-width: 720px)');
    const settle = () => {
      if (rect && !sheet.matches) place(node, rect);
      else node.style.left = node.style.top = '';
    };
    const observer = new ResizeObserver(settle); // also when it is shown first
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return (
    <dialog id={name} class={anchor ? 'popup' : 'popup middle'} ref={dialog} aria-label={label}
      onClick={({ target, currentTarget }) => { if (target === currentTarget) close(); }}>
      <div class="inside">{children}</div>
    </dialog>
  );
}
