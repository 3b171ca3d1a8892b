// SPDX-License-Identifier: MIT
// Dialogs, each a promise of what the visitor decided; Escape and Cancel mean null.
//
//   const room = await ask<Room>((close) => <CreateRoom close={close} />);
import { signal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { Alert, Form } from './form';

interface Open { key: number; view: VNode; close: () => void }
const open = signal<Open[]>([]);
let count = 0;

export function ask<Answer>(view: (close: (answer: Answer | null) => void) => VNode): Promise<Answer | null> {
  return new Promise((resolve) => {
    const key = ++count;
    const close = (answer: Answer | null) => {
      open.value = open.value.filter((one) => one.key !== key);
      resolve(answer);
    };
    open.value = [...open.value, { key, view: view(close), close: () => close(null) }];
  });
}

/** Where the dialogs are; once, at the end of the page. */
export function Dialogs() {
  return <>{open.value.map(({ key, view, close }) => <Modal key={key} close={close}>{view}</Modal>)}</>;
}

function Modal({ children, close }: { children: ComponentChildren; close: () => void }) {
  const node = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const dialog = node.current?.querySelector('dialog');
    dialog?.showModal();
    dialog?.addEventListener('close', close);
    // Taken out of the page while it is open, it would give the focus back to nobody.
    return () => dialog?.close();
  }, []);
  return <div ref={node}>{children}</div>;
}

/** The frame of a dialog that is a form. submit() may reject with a Problem, which is then shown. */
export function FormDialog({ id, heading, about, submit, yes, close, children }: {
  id: string; heading: string; about?: string | undefined; submit: (form: HTMLFormElement) => Promise<void>; yes: string;
  close: (answer: null) => void; children?: ComponentChildren;
}) {
  return (
    <dialog id={id} aria-labelledby={`${id}-heading`} aria-describedby={about && `${id}-about`}>
      <Form submit={submit}>
        <h2 id={`${id}-heading`} dir="auto">{heading}</h2>
        {about && <p id={`${id}-about`}>{about}</p>}
        <Alert />
        {children}
        <div class="actions">
          <button type="button" data-cancel onClick={() => close(null)}>{t('cancel')}</button>
          <button class="primary">{yes}</button>
        </div>
      </Form>
    </dialog>
  );
}

/** Asks a question; resolves with whether the answer was yes. */
export async function confirmed(question: string, yes: string): Promise<boolean> {
  const answer = await ask<boolean>((close) => (
    <dialog id="confirm" aria-labelledby="confirm-question">
      <Form submit={async () => close(true)}>
        <p id="confirm-question">{question}</p>
        <div class="actions">
          <button type="button" data-cancel onClick={() => close(null)}>{t('cancel')}</button>
          <button class="primary" id="confirm-yes">{yes}</button>
        </div>
      </Form>
    </dialog>
  ));
  return answer === true;
}
