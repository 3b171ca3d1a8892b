// SPDX-License-Identifier: MIT
// What happens elsewhere, for a few seconds at the edge of the page. The pointer or the focus on it keeps it.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { go } from '../router';
import { Avatar } from '../ui/avatar';
import { Icon } from '../ui/icon';

export interface Toast {
  /** The same key again takes its place. */
  key: string;
  /** Who it is about: a person or a room. */
  face: { id: number; name: string; emblem?: string | undefined; square?: boolean };
  title: string; text: string;
  /** Where a click leads. */
  path: string;
  room?: number;
}

const STAYS = 7000; // milliseconds
const MOST = 3;
const toasts = signal<Toast[]>([]);

export function show(toast: Toast): void {
  toasts.value = [...toasts.value.filter(({ key }) => key !== toast.key), toast].slice(-MOST);
}

export function withdraw(is: (toast: Toast) => boolean): void {
  if (toasts.value.some(is)) toasts.value = toasts.value.filter((one) => !is(one));
}

export function Toasts() {
  return <div id="toasts" role="status" aria-label={t('news')}>{toasts.value.map((toast) => <ToastView key={toast.key} toast={toast} />)}</div>;
}

function ToastView({ toast }: { toast: Toast }) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const close = () => withdraw((one) => one === toast);
  const start = () => { timer.current = setTimeout(close, STAYS); };
  const stop = () => clearTimeout(timer.current);
  useEffect(() => {
    start();
    return stop;
  }, [toast]);
  const open = () => {
    close();
    go(toast.path);
  };
  return (
    <div class="toast" onPointerEnter={stop} onPointerLeave={start} onFocusIn={stop} onFocusOut={start}>
      <button type="button" class="toast-open" onClick={open}>
        <Avatar {...toast.face} />
        <span class="text"><strong dir="auto">{toast.title}</strong><span dir="auto">{toast.text}</span></span>
      </button>
      <button type="button" class="square" aria-label={t('close')} onClick={close}><Icon name="close" /></button>
    </div>
  );
}
