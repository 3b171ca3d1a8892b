// SPDX-License-Identifier: MIT
// Telling others what happened, with types: Emitter<{ name: [argument, ...] }>.

/** Ends what it was given for. */
export type Off = () => void;

/** Tells its events to those who listen. What a listener throws is reported as an uncaught error and disturbs nobody. */
export class Emitter<Events extends Record<string, unknown[]>> {
  #listeners: { [Name in keyof Events]?: Set<(...args: Events[Name]) => void> } = {};

  /** Calls back at each event of that name; returns a function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): Off {
    const set = this.#listeners[name] ??= new Set();
    set.add(listener);
    return () => { set.delete(listener); };
  }

  protected isHeard(name: keyof Events): boolean { return (this.#listeners[name]?.size ?? 0) > 0; }

  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...this.#listeners[name] ?? []]) guarded(() => listener(...args));
  }
}

/** Runs what others gave us: an error of theirs is reported as an uncaught one, and disturbs nobody else. */
export function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}
