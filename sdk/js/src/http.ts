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

export interface SendOptions { headers?: Record<string, string>; keepalive?: boolean; signal?: AbortSignal }

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null; // not from maru-api; the status has to do
  }
}

function within(signal?: AbortSignal): AbortSignal {
  const end = AbortSignal.timeout(PATIENCE);
  return signal && 'any' in AbortSignal ? AbortSignal.any([signal, end]) : signal ?? end;
}

export class Http {
  readonly base: string;
  readonly session: Session;
  #renewing: Promise<void> | null = null;

  /** base: '' for the page's own origin, else 'https://chat.example.org'. */
  constructor(base: string, session: Session) {
    this.base = base;
    this.session = session;
  }

  headers(more: Record<string, string> = {}): Record<string, string> {
    const { access } = this.session;
    return { ...access && { Authorization: `Bearer ${access}` }, ...more };
  }

  /** One request, as it is. Resolves with the answer, null for none; rejects with a Problem. */
  async send(method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.base + path, {
        ...options,
        method,
        headers: this.headers({ ...body !== undefined && { 'Content-Type': 'application/json' }, ...options.headers }),
        ...body !== undefined && { body: JSON.stringify(body) },
        signal: within(options.signal),
      });
      text = await response.text();
    } catch {
      throw new Problem(0);
    }
    const data = parsed(text);
    if (!response.ok) throw new Problem(response.status, (data ?? {}) as ProblemBody, Number(response.headers.get('Retry-After')) || 0);
    return data;
  }

  /** Runs a request of the user who is logged in; again, if the login had to be renewed first. */
  async asUser<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.session.expires;
    if (this.session.isStale) await this.#refresh(before);
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401 || before === Infinity) throw problem;
    }
    await this.#refresh(before);
    return work();
  }

  call(method: string, path: string, body?: unknown, options?: SendOptions): Promise<unknown> {
    return this.asUser(() => this.send(method, path, body, options));
  }

  /** Reading may be repeated without harm. */
  async read(path: string, options?: SendOptions): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.call('GET', path, undefined, options);
      } catch (problem) {
        if (!(problem instanceof Problem) || !problem.passing || attempt + 1 === TRIES || options?.signal?.aborted) throw problem;
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
    if (!inCookies && !refresh) throw new Problem(401, { type: '/problems/unauthenticated', title: 'Log in first' });
    try {
      // keepalive: the new cookie arrives even if the page is closed meanwhile; the old one is spent.
      const body = inCookies ? {} : { refresh_token: refresh };
      this.session.keep(await this.send('POST', '/v1/sessions/refresh', body, { keepalive: true }) as Tokens);
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
