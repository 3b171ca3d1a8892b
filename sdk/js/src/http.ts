// SPDX-License-Identifier: MIT
// Requests to the REST API. An access token that has ended is renewed, once for all requests that wait
// for it. A refresh token is good for one use: if two windows use it at the same time, one of them is
// told that the cookies are new already.
import { Problem, type ProblemBody } from './problem.js';
import type { Session, Tokens } from './session.js';
import { backoff, sleep } from './wait.js';

const PATIENCE = 20000; // milliseconds for one answer
const NEIGHBOUR = 5000; // for the answer that another window gets
const TRIES = 4;

export interface SendOptions {
  headers?: Record<string, string>;
  /** The request goes on when the page is closed. */
  keepalive?: boolean;
  /** Ends it; the caller gets the Problem of a lost connection. */
  signal?: AbortSignal;
  /** How often reading is tried while the problem may pass; 4 if left out. */
  tries?: number;
}

// What stands in an answer; undefined if it is not from maru-api, as the page of a hotel's network.
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function within(signal?: AbortSignal): AbortSignal {
  const end = AbortSignal.timeout(PATIENCE);
  return signal && 'any' in AbortSignal ? AbortSignal.any([signal, end]) : signal ?? end;
}

/** Requests as they are, with the login. */
export class Http {
  readonly base: string;
  readonly session: Session;
  #renewing: Promise<void> | null = null;
  #ahead = -Infinity; // so much at least the server's clock is ahead of the own one

  /** base: '' for the page's own origin, else 'https://chat.example.org'. */
  constructor(base: string, session: Session) {
    this.base = base;
    this.session = session;
  }

  /** The time at the server, as far as its answers tell: a little late, never early. Its own one if there was none. */
  get now(): number { return Date.now() + (this.#ahead === -Infinity ? 0 : this.#ahead); }

  // An answer says when it was begun, in whole seconds, and comes later: so the largest difference is the nearest one, unless
  // somebody has set the own clock meanwhile.
  #learnTime(date: string | null): void {
    const ahead = Date.parse(date ?? '') - Date.now();
    if (ahead > this.#ahead || ahead < this.#ahead - PATIENCE) this.#ahead = ahead;
  }

  /** The headers of a request, with the token if there is one to be sent. */
  headers(more: Record<string, string> = {}): Record<string, string> {
    const { access } = this.session;
    return { ...access && { Authorization: `Bearer ${access}` }, ...more };
  }

  /** One request, as it is. Resolves with the answer, null for none; rejects with a Problem. */
  async send(method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.base + path, this.#request(method, body, options));
      text = await response.text();
    } catch {
      throw new Problem(0);
    }
    this.#learnTime(response.headers.get('Date'));
    const data = parsed(text);
    if (!response.ok) throw new Problem(response.status, (data ?? {}) as ProblemBody, Number(response.headers.get('Retry-After')) || 0);
    if (data === undefined) throw new Problem(0);
    return data;
  }

  #request(method: string, body: unknown, { headers, keepalive = false, signal }: SendOptions): RequestInit {
    return {
      method,
      headers: this.headers({ ...body !== undefined && { 'Content-Type': 'application/json' }, ...headers }),
      ...body !== undefined && { body: JSON.stringify(body) },
      keepalive,
      credentials: this.session.inCookies ? 'same-origin' : 'omit',
      signal: within(signal),
    };
  }

  /** Runs a request of the user who is logged in; again, if the login had to be renewed first.
   *  Rejects with the Problem of the request, or of the renewal. */
  async asUser<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.session.isStale) await this.#refresh(this.session.expires);
    const before = this.session.expires;
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401 || !this.session.mayRenew) throw problem;
    }
    await this.#refresh(before);
    return work();
  }

  /** A request of the user who is logged in, once (but see asUser). Rejects with a Problem. */
  call(method: string, path: string, body?: unknown, options?: SendOptions): Promise<unknown> {
    return this.asUser(() => this.send(method, path, body, options));
  }

  /** GET; it may be repeated without harm, and is while the Problem is a passing one. */
  async read(path: string, options?: SendOptions): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.call('GET', path, undefined, options);
      } catch (problem) {
        if (!(problem instanceof Problem) || !problem.passing || attempt + 1 >= (options?.tries ?? TRIES) || options?.signal?.aborted) throw problem;
        await sleep(Math.max(problem.retryAfter, backoff(attempt)));
      }
    }
  }

  #refresh(before: number): Promise<void> {
    this.#renewing ??= this.#renew(before).finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  async #renew(before: number): Promise<void> {
    const { refresh, inCookies } = this.session;
    if (this.session.expires !== before) return; // done already, here or by another window
    try {
      // keepalive: the new cookie arrives even if the page is closed meanwhile; the old one is spent.
      const body = inCookies ? {} : { refresh_token: refresh };
      const tokens = await this.send('POST', '/v1/sessions/refresh', body, { keepalive: true }) as Tokens;
      if (this.session.expires === before) this.session.keep(tokens); // else somebody has logged out meanwhile
    } catch (problem) {
      if (problem instanceof Problem && problem.slug === 'renewed') return this.#awaitNeighbour(before);
      if (problem instanceof Problem && problem.status === 401) this.session.end();
      throw problem;
    }
  }

  // Another window renews; the cookies are there when it has noted until when they last.
  async #awaitNeighbour(before: number): Promise<void> {
    for (const end = Date.now() + NEIGHBOUR; this.session.expires === before && Date.now() < end;) await sleep(50);
  }
}
