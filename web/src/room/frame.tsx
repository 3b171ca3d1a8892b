// SPDX-License-Identifier: MIT
// The frame of a dialog that shows a list or some choices, which hold at once, and has a button to close it.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { problemText } from '../problem';
import { Reading } from '../ui/reading';

export function Frame({ id, heading, problem, close, children, act }: {
  id: string; heading: string; problem?: unknown; close: () => void; children: ComponentChildren; act?: ComponentChildren;
}) {
  return (
    <dialog id={id} class="wide" aria-labelledby={`${id}-heading`}>
      <form method="dialog" onSubmit={(event) => event.preventDefault()}>
        <h2 id={`${id}-heading`}>{heading}</h2>
        <p role="alert" class="error">{problem ? problemText(problem) : ''}</p>
        {children}
        <div class="actions">{act}<button type="button" class="primary" data-cancel onClick={close}>{t('close')}</button></div>
      </form>
    </dialog>
  );
}

/** What is asked for once, and what went wrong. again() asks anew. */
export function useAsked<Answer>(get: () => Promise<Answer>) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [reading] = useState(() => new Reading());
  const again = () => reading.read(get, setAnswer).catch(setProblem);
  useEffect(() => void again(), []);
  /** Does something; what goes wrong is shown. Resolves with whether it went well. */
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    setProblem(null);
    try {
      await work();
      return true;
    } catch (why) {
      setProblem(why);
      return false;
    }
  };
  return { answer, setAnswer, problem, again, attempt };
}
