// SPDX-License-Identifier: MIT
// Messages without a mouse: a long press opens the menu of one, the arrow keys go from one to the next, and
// the arrow up in the empty field edits one's last message.
import { useEffect } from 'preact/hooks';
import type { Message } from 'maru-client';
import { openMenu } from './menu';
import { isThere, mayEdit } from './rights';
import type { Place, Talk } from './talk';

const PRESS = 450; // milliseconds
const SHAKE = 10; // pixels that a finger may move

/** Listeners for the element in which the messages are. */
export function useLongPress(box: () => HTMLElement | null, talk: Talk, place: Place, find: (seq: number) => Message | undefined): void {
  useEffect(() => {
    const node = box()!;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let at = { x: 0, y: 0 };
    let touched = false;
    const stop = () => clearTimeout(timer);
    const down = (event: PointerEvent) => {
      stop();
      touched = event.pointerType === 'touch';
      const line = (event.target as Element).closest<HTMLElement>('.message[data-seq]');
      const message = line && find(Number(line.dataset.seq));
      if (!touched || !message || !isThere(message) || (event.target as Element).closest('button, textarea, video, audio')) return;
      at = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        navigator.vibrate?.(10);
        void openMenu(talk, message, line.querySelector('.content') ?? line, place);
      }, PRESS);
    };
    const move = ({ clientX, clientY }: PointerEvent) => { if (Math.hypot(clientX - at.x, clientY - at.y) > SHAKE) stop(); };
    // Android has a menu of its own for links and pictures.
    const native = (event: Event) => { if (touched && (event.target as Element).closest('.message[data-seq]')) event.preventDefault(); };
    const all = { pointerdown: down, pointermove: move, pointerup: stop, pointercancel: stop, scroll: stop, contextmenu: native } as Record<string, (event: never) => void>;
    for (const [name, listener] of Object.entries(all)) node.addEventListener(name, listener as EventListener, { passive: name !== 'contextmenu' });
    return () => {
      stop();
      for (const [name, listener] of Object.entries(all)) node.removeEventListener(name, listener as EventListener);
    };
  }, []);
}

/** The arrow keys in the list of that id. */
export function useArrows(id: string): void {
  useEffect(() => {
    const list = document.getElementById(id)!;
    list.addEventListener('keydown', onArrow);
    return () => list.removeEventListener('keydown', onArrow);
  }, []);
}

/** From the button of one message to that of its neighbour. */
export function onArrow(event: KeyboardEvent): void {
  const button = event.target as HTMLElement;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !button.classList.contains('acts')) return;
  event.preventDefault();
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('.acts')];
  const next = all[all.indexOf(button) + step];
  if (!next) {
    if (step > 0) document.getElementById('text')?.focus();
    return;
  }
  next.closest('.message')?.scrollIntoView({ block: 'nearest' });
  next.focus({ preventScroll: true });
}

/** Which of the buttons Tab goes to: the last one in sight, or the one that has the focus. */
export function rove(box: Element | null): void {
  const all = box?.querySelectorAll<HTMLElement>('.acts') ?? [];
  const bottom = box?.parentElement?.getBoundingClientRect().bottom ?? Infinity;
  let chosen: HTMLElement | undefined;
  for (const one of all) {
    if (one === document.activeElement) chosen = one;
    else if (chosen !== document.activeElement && one.getBoundingClientRect().top < bottom) chosen = one;
  }
  for (const one of all) one.tabIndex = one === chosen ? 0 : -1;
}

/** The arrow up in the empty field of the room. */
export function useEditLast(talk: Talk): void {
  useEffect(() => {
    const edit = (event: KeyboardEvent) => {
      const field = event.target as HTMLTextAreaElement;
      if (event.key !== 'ArrowUp' || field.id !== 'text' || field.value !== '' || event.isComposing || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
      const last = talk.room.timeline.lines.filter(({ message }) => message && message.thread === undefined && mayEdit(message)).at(-1)?.message;
      if (!last) return;
      event.preventDefault();
      talk.wanted.value = last.seq;
      talk.edit(last.seq, 'room');
    };
    const room = document.getElementById('room')!;
    room.addEventListener('keydown', edit);
    return () => room.removeEventListener('keydown', edit);
  }, []);
}
