// SPDX-License-Identifier: MIT
// What is remembered from one visit to the next.

/** Texts by key. With localStorage behind it, windows share it. */
export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/** For this visit only: Node, tests, browsers that forbid storage. */
export class MemoryStore implements Store {
  #values = new Map<string, string>();
  get(key: string): string | null { return this.#values.get(key) ?? null; }
  set(key: string, value: string): void { this.#values.set(key, value); }
  remove(key: string): void { this.#values.delete(key); }
}

/** localStorage, each key behind a prefix; in memory what it does not take (forbidden, full). */
export class LocalStore implements Store {
  #fallback = new MemoryStore();
  #prefix: string;

  constructor(prefix = 'maru.') { this.#prefix = prefix; }

  get(key: string): string | null {
    const own = this.#fallback.get(key);
    if (own !== null) return own;
    try {
      return localStorage.getItem(this.#prefix + key);
    } catch {
      return null;
    }
  }

  set(key: string, value: string): void {
    this.#fallback.remove(key);
    try {
      localStorage.setItem(this.#prefix + key, value);
    } catch {
      this.#fallback.set(key, value);
    }
  }

  remove(key: string): void {
    this.#fallback.remove(key);
    try {
      localStorage.removeItem(this.#prefix + key);
    } catch { /* nothing was stored then */ }
  }
}

/** LocalStore where there is localStorage, else MemoryStore. */
export function defaultStore(): Store {
  return typeof localStorage === 'undefined' ? new MemoryStore() : new LocalStore();
}
