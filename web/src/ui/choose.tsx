// SPDX-License-Identifier: MIT
// Ways to choose: one of a few, yes or no.
import type { ComponentChildren } from 'preact';

export interface Option { value: string; label: string }

export function Select({ name, label, value, options, hint, onChange }: {
  name: string; label: string; value?: string; options: Option[]; hint?: string | undefined; onChange?: (value: string) => void;
}) {
  return (
    <label class="select"><span>{label}</span>
      {/* In a form that nobody listens to, the choice is the visitor's from then on. */}
      <select name={name} value={onChange && value} onChange={(event) => onChange?.(event.currentTarget.value)}>
        {options.map((one) => <option key={one.value} value={one.value} selected={one.value === value}>{one.label}</option>)}
      </select>
      {hint && <small>{hint}</small>}
    </label>
  );
}

/** The usual numbers, and the present one where it is none of them. */
export function among(value: number, usual: number[], word: (n: number) => string): Option[] {
  return [...new Set([...usual, value])].sort((a, b) => a - b).map((n) => ({ value: String(n), label: word(n) }));
}

/** A switch; what it is about stands at its left. */
export function Switch({ label, hint, checked, name, disabled, onChange }: {
  label: ComponentChildren; hint?: string | undefined; checked: boolean; name?: string; disabled?: boolean; onChange: (on: boolean) => void;
}) {
  return (
    <label class="switch">
      <span class="text"><span>{label}</span>{hint && <small>{hint}</small>}</span>
      <input type="checkbox" role="switch" name={name} checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
  );
}

/** A row of choices of which one holds. */
export function Choices({ name, label, value, options, onChange }: { name: string; label: string; value: string; options: Option[]; onChange: (value: string) => void }) {
  return (
    <fieldset class="choices"><legend>{label}</legend>
      <div>
        {options.map((one) => (
          <label key={one.value}><input type="radio" name={name} value={one.value} checked={one.value === value} onChange={() => onChange(one.value)} /><span>{one.label}</span></label>
        ))}
      </div>
    </fieldset>
  );
}
