// SPDX-License-Identifier: MIT
// The frame of a screen that stands in place of a room: a head with the way back, below it what scrolls.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icon';

export function Screen({ id, title, actions, children }: { id: string; title: string; actions?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever does not see the screen is told that it is another one.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    document.title = `${title} · Maru`;
    return () => { document.title = 'Maru'; };
  }, [title]);
  return (
    <main class="screen" id={`${id}-screen`} aria-labelledby={`${id}-title`}>
      <header>
        <a class="button screen-back" href="#/" aria-label={t('back')}><Icon name="back" /></a>
        <h1 id={`${id}-title`} tabIndex={-1} ref={heading}>{title}</h1>
        {actions}
      </header>
      <div class="screen-body"><div class="screen-inner">{children}</div></div>
    </main>
  );
}

/** A part of a screen under a heading of its own. */
export function Part({ title, about, children, action }: { title: string; about?: string | undefined; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <section class="part">
      <div class="part-head"><h2>{title}</h2>{action}</div>
      {about && <p class="part-about">{about}</p>}
      {children}
    </section>
  );
}
