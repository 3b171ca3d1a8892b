// SPDX-License-Identifier: MIT
// Who is logged in. In a browser the tokens are in cookies which no script sees, so a login leaves the
// user and the time when the access token ends; elsewhere (`tokens`) the tokens themselves are kept.
import type { components } from './openapi.js';
import type { Store } from './store.js';
import { Emitter } from './emitter.js';

export type Tokens = components['schemas']['Tokens'];
export type Me = Tokens['user'];

const EARLY = 5000; // renew this much before the end

export class Session extends Emitter<{ changed: [Me | null]; ended: [] }> {
  readonly inCookies: boolean;
  #store: Store;

  constructor(store: Store, inCookies: boolean) {
    super();
    this.#store = store;
    this.inCookies = inCookies;
  }

  get me(): Me | null {
    try {
      const user = JSON.parse(this.#store.get('me') ?? 'null');
      return user?.id ? user : null;
    } catch {
      return null;
    }
  }

  /** When the access token ends, in milliseconds since 1970; Infinity for a bot's. */
  get expires(): number { return Number(this.#store.get('expires') ?? 0); }
  get isStale(): boolean { return this.expires - EARLY < Date.now(); }
  get access(): string | null { return this.#store.get('access'); }
  get refresh(): string | null { return this.#store.get('refresh'); }

  /** The own account is different now. */
  keepMe(user: Me): void {
    this.#store.set('me', JSON.stringify(user));
    this.emit('changed', user);
  }

  keep({ user, expires_in: seconds, access_token: access, refresh_token: refresh }: Tokens): void {
    if (!this.inCookies) {
      this.#store.set('access', access);
      this.#store.set('refresh', refresh);
    }
    this.#store.set('expires', String(Date.now() + seconds * 1000));
    this.keepMe(user);
  }

  /** A token that never ends and is renewed by nobody: a bot's. */
  keepToken(token: string): void {
    this.#store.set('access', token);
    this.#store.set('expires', 'Infinity');
  }

  drop(): void {
    for (const key of ['me', 'expires', 'access', 'refresh']) this.#store.remove(key);
    this.emit('changed', null);
  }

  /** The login is over, by the server's word. */
  end(): void {
    this.drop();
    this.emit('ended');
  }
}
