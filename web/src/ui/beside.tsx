// SPDX-License-Identifier: MIT
// The frame of what stands beside the conversation, under a heading; Escape closes it.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icon';

export function Beside({ id, heading, close, children }: { id: string; heading: string; close: () => void; children: ComponentChildren }) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => button.current?.focus(), []); // before a key can come
  return (
    <aside id={id} class="beside" aria-labelledby={`${id}-heading`} onKeyDown={(event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); }}>
      <header>
        <h2 id={`${id}-heading`}>{heading}</h2>
        <button type="button" ref={button} class="beside-close" aria-label={t('close')} title={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      <div class="beside-body">{children}</div>
    </aside>
  );
}
