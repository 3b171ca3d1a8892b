// SPDX-License-Identifier: MIT
// Who is logged in. In a browser the tokens are in cookies which no script sees, so a login leaves the
// user and the time when the access token ends; elsewhere (`tokens`) the tokens themselves are kept.
import type { components } from './openapi.js';
import type { Store } from './store.js';
import { Emitter } from './emitter.js';

export type Tokens = components['schemas']['Tokens'];
/** The own account. */
export type Me = Tokens['user'];

const EARLY = 5000; // renew this much before the end

/** The login on this device. `changed`: the own account, null for none; `ended`: by the server's word. */
export class Session extends Emitter<{ changed: [Me | null]; ended: [] }> {
  readonly inCookies: boolean;
  #store: Store;
  #isIn: boolean; // as this window knows; in a store that is shared another one may have logged out

  /** inCookies: the tokens are in cookies; else they are kept in the store. */
  constructor(store: Store, inCookies: boolean) {
    super();
    this.#store = store;
    this.inCookies = inCookies;
    this.#isIn = this.me !== null;
  }

  /** Who is logged in, as far as this device knows. */
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
  /** Whether it is known to have ended, or to be about to. Who is not logged in has none. */
  get isStale(): boolean { return this.#store.get('expires') !== null && this.expires - EARLY < Date.now(); }
  /** Whether there is, or may be, something to renew it with: cookies are not seen. */
  get mayRenew(): boolean { return this.expires !== Infinity && (this.inCookies || this.refresh !== null); }
  get access(): string | null { return this.#store.get('access'); }
  get refresh(): string | null { return this.#store.get('refresh'); }

  /** The own account is different now. */
  keepMe(user: Me): void {
    this.#isIn = true;
    this.#store.set('me', JSON.stringify(user));
    this.emit('changed', user);
  }

  /** A login, or its renewal. */
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

  /** Forgets the login, on this device. */
  drop(): void {
    this.#isIn = false;
    for (const key of ['me', 'expires', 'access', 'refresh']) this.#store.remove(key);
    this.emit('changed', null);
  }

  /** The login is over, by the server's word. Who was not logged in is told nothing. */
  end(): void {
    const was = this.#isIn;
    this.drop();
    if (was) this.emit('ended');
  }
}
