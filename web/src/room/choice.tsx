// SPDX-License-Identifier: MIT
// A choice of one among several, as a list that opens.
export function Choice({ name, label, value, options, onChange }: {
  name: string; label: string; value: string; options: [string, string][]; onChange?: (value: string) => void;
}) {
  return (
    <label class="pick"><span>{label}</span>
      <select name={name} onChange={({ currentTarget }) => onChange?.(currentTarget.value)}>
        {options.map(([key, text]) => <option key={key} value={key} selected={key === value}>{text}</option>)}
      </select>
    </label>
  );
}

/** With what is there now, where it is none of the usual ones. */
export function among(value: number, usual: number[], word: (n: number) => string): [string, string][] {
  return [...new Set([...usual, value])].sort((a, b) => a - b).map((n) => [String(n), word(n)]);
}
