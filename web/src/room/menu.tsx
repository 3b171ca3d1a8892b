// SPDX-License-Identifier: MIT
// A button that opens a menu. Arrow keys, Home, End and first letters move in it; Escape, Tab and a press
// elsewhere close it. It stands outside of whatever scrolls, at the side of the button where there is room.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../ui/icon';

export interface MenuItem {
  label: string;
  hint?: string | undefined;
  icon?: IconName;
  act?: () => void;
  href?: string;
  id?: string;
  danger?: boolean;
  /** One of several, of which one holds. */
  checked?: boolean;
}
export type MenuItems = (MenuItem | null | false | undefined)[];

interface MenuProps {
  label: string;
  /** Asked for when it opens; null makes a line. */
  items: () => MenuItems;
  id?: string;
  class?: string;
  disabled?: boolean;
  children?: ComponentChildren;
}

export function Menu({ label, items, id, class: name = '', disabled = false, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  return (
    <>
      <button type="button" ref={button} id={id} class={name} disabled={disabled} aria-haspopup="menu" aria-expanded={open} aria-label={label} title={label}
        onClick={() => setOpen(!open)} onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpen(true);
        }}>{children ?? <Icon name="more" />}</button>
      {open && <Items label={label} items={items()} anchor={button.current!} close={close} />}
    </>
  );
}

// Beside the button, inside of the window.
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = innerHeight - at.bottom;
  const top = below >= height + 12 || below >= at.top ? Math.min(at.bottom + 4, innerHeight - height - 8) : at.top - height - 4;
  menu.style.top = `${Math.max(8, top)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
}

const entries = (menu: HTMLElement): HTMLElement[] => [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]')];

function move(menu: HTMLElement, key: string): boolean {
  const all = entries(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[key];
  const named = key.length === 1 ? [...all.slice(at + 1), ...all.slice(0, at + 1)].find((one) => one.textContent?.trim().toLowerCase().startsWith(key.toLowerCase())) : undefined;
  const target = to === undefined ? named : all[(to + all.length) % all.length];
  target?.focus();
  return target !== undefined;
}

function Items({ label, items, anchor, close }: { label: string; items: MenuItems; anchor: HTMLElement; close: (back: boolean) => void }) {
  const menu = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    place(menu.current!, anchor);
    (entries(menu.current!).find((one) => one.getAttribute('aria-checked') === 'true') ?? entries(menu.current!)[0])?.focus();
  }, []);
  useLayoutEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const outside = ({ target }: Event) => { if (!menu.current?.contains(target as Node) && !anchor.contains(target as Node)) close(false); };
    document.addEventListener('pointerdown', outside, { signal, capture: true });
    // Also when a phone is turned; where the button is not shown any more, there is nothing to stand beside.
    addEventListener('resize', () => { if (anchor.checkVisibility()) place(menu.current!, anchor); else close(false); }, { signal });
    return () => end.abort();
  }, []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Tab') return close(false);
    if (event.key === 'Escape') close(true);
    else if (!move(menu.current!, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return <ul role="menu" class="room-menu" ref={menu} aria-label={label} onKeyDown={onKey}>{items.map((item, i) => item !== false && item !== undefined && <Entry key={i} item={item} close={close} />)}</ul>;
}

function Entry({ item, close }: { item: MenuItem | null; close: (back: boolean) => void }) {
  if (!item) return <li role="separator" />;
  const { label, hint, icon, act, href, id, danger, checked } = item;
  const inside = <>{icon && <Icon name={icon} />}<span class="text"><span>{label}</span>{hint && <small>{hint}</small>}</span>{checked && <Icon name="check" />}</>;
  const name = danger ? 'danger' : '';
  if (href) return <li role="none"><a role="menuitem" tabIndex={-1} id={id} class={name} href={href} onClick={() => close(false)}>{inside}</a></li>;
  return (
    <li role="none">
      <button type="button" tabIndex={-1} id={id} class={name} role={checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={checked} onClick={() => {
        close(true);
        act?.();
      }}>{inside}</button>
    </li>
  );
}
