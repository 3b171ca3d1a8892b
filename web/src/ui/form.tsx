// SPDX-License-Identifier: MIT
// Forms that show a Problem: beside the fields that it names, the rest in the <Alert>.
import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { Problem } from 'maru-client';
import { fieldText, problemText } from '../problem';

interface FormState { problem: unknown; fields: Map<string, string>; form: HTMLFormElement | null }
const Context = createContext<FormState>({ problem: null, fields: new Map(), form: null });

// What is said about which field, as far as the form has it.
function fieldsOf(problem: unknown, form: HTMLFormElement): Map<string, string> {
  const said = new Map<string, string>();
  for (const { field, message } of problem instanceof Problem ? problem.fields : []) {
    const input = form.elements.namedItem(field);
    if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) {
      said.set(field, fieldText(input.value === '' ? 'is required' : message));
    }
  }
  return said;
}

/** submit(form) runs once at a time; what it rejects with is shown. */
export function Form({ submit, children, ...rest }: { submit: (form: HTMLFormElement) => Promise<void>; children: ComponentChildren } & Omit<JSX.HTMLAttributes<HTMLFormElement>, 'onSubmit'>) {
  const form = useRef<HTMLFormElement>(null);
  const busy = useRef(false);
  const [state, setState] = useState<FormState>({ problem: null, fields: new Map(), form: null });
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (busy.current || !form.current) return;
    busy.current = true;
    form.current.setAttribute('aria-busy', 'true');
    setState({ problem: null, fields: new Map(), form: form.current });
    try {
      await submit(form.current);
    } catch (problem) {
      if (form.current) setState({ problem, fields: fieldsOf(problem, form.current), form: form.current });
    } finally {
      busy.current = false;
      form.current?.removeAttribute('aria-busy');
    }
  };
  useEffect(() => {
    const [name] = state.fields.keys();
    if (name) (form.current?.elements.namedItem(name) as HTMLElement | null)?.focus();
  }, [state]);
  return <Context.Provider value={state}><form ref={form} noValidate onSubmit={onSubmit} {...rest}>{children}</form></Context.Provider>;
}

/** What went wrong, unless it stands beside a field. */
export function Alert({ text = '' }: { text?: string }) {
  const { problem, fields } = useContext(Context);
  return <p role="alert" class="error">{problem && fields.size === 0 ? problemText(problem) : text}</p>;
}

type FieldProps = { name: string; label: string; hint?: string | undefined } & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'name' | 'label'>;

export function Field({ name, label, hint, ...input }: FieldProps) {
  const id = useId();
  const said = useContext(Context).fields.get(name) ?? '';
  return (
    <label><span>{label}</span>
      <input {...input} name={name} aria-describedby={`e-${id}`} aria-invalid={said !== ''} />
      {hint && <small>{hint}</small>}
      <span class="error" id={`e-${id}`} data-error={name}>{said}</span>
    </label>
  );
}

/** Several lines. */
export function Area({ name, label, hint, value, ...area }: { name: string; label: string; hint?: string; value?: string } & Omit<JSX.TextareaHTMLAttributes<HTMLTextAreaElement>, 'name' | 'label' | 'value'>) {
  const id = useId();
  const said = useContext(Context).fields.get(name) ?? '';
  return (
    <label><span>{label}</span>
      <textarea {...area} name={name} defaultValue={value} aria-describedby={`e-${id}`} aria-invalid={said !== ''} />
      {hint && <small>{hint}</small>}
      <span class="error" id={`e-${id}`} data-error={name}>{said}</span>
    </label>
  );
}

export const valueOf = (form: HTMLFormElement, name: string): string =>
  (form.elements.namedItem(name) as HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | RadioNodeList | null)?.value ?? '';
