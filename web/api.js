// SPDX-License-Identifier: MIT
// Requests to the REST API. An access token that has ended is renewed with the refresh cookie, once
// for all requests that wait for it. A refresh token is good for one use, and a second use ends the
// session; so only one window at a time may renew.
import { Problem } from './problem.js';
import { dropSession, expires, isStale, keepSession } from './session.js';
import { forget, recall, remember } from './store.js';
import { backoff } from './wait.js';

const PATIENCE = 20000; // milliseconds for one answer
const LEASE = 3000;
const TRIES = 4;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let ended = () => {};
// What to do when the login is over.
export function onSessionEnd(listener) { ended = listener; }

// One request, as it is. Resolves with the answer, null for none; rejects with a Problem.
export async function send(method, path, body, options = {}) {
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
      ...options,
    });
    answer = await response.text();
  } catch {
    throw new Problem(0);
  }
  let data = null;
  try {
    if (answer) data = JSON.parse(answer);
  } catch { /* not from maru-api; the status has to do */ }
  if (!response.ok) {
    throw new Problem(response.status, data ?? {}, Number(response.headers.get('Retry-After')) || 0);
  }
  return data;
}

// Runs work in one window at a time. Web Locks exist in secure contexts only; elsewhere a lease in
// localStorage does, which is not exact but nearly always enough.
async function alone(work) {
  if (navigator.locks) return navigator.locks.request('maru-refresh', work);
  const mine = String(Math.random());
  for (const end = Date.now() + LEASE; Date.now() < end;) {
    const [holder, since] = (recall('refreshing') ?? ' 0').split(' ');
    if (holder === mine) break;
    if (Date.now() - Number(since) > LEASE || holder === '') remember('refreshing', `${mine} ${Date.now()}`);
    await sleep(20 + Math.random() * 60);
  }
  try {
    return await work();
  } finally {
    forget('refreshing');
  }
}

async function renew(before) {
  if (expires() !== before && !isStale()) return; // another window did it
  try {
    // keepalive: the new cookie arrives even if the page is closed meanwhile; the old one is spent.
    keepSession(await send('POST', '/v1/sessions/refresh', {}, { keepalive: true }));
  } catch (problem) {
    if (problem.status === 401) {
      dropSession();
      ended();
    }
    throw problem;
  }
}

let renewing = null;
function refresh(before) {
  renewing ??= alone(() => renew(before)).finally(() => { renewing = null; });
  return renewing;
}

// Runs a request of the user who is logged in; again, if the login had to be renewed first.
export async function asUser(work) {
  const before = expires();
  if (isStale()) await refresh(before);
  try {
    return await work();
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  await refresh(before);
  return work();
}

export const call = (method, path, body) => asUser(() => send(method, path, body));

// Reading may be repeated without harm.
export async function get(path) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call('GET', path);
    } catch (problem) {
      if (!problem.passing || attempt + 1 === TRIES) throw problem;
      await sleep(Math.max(problem.retryAfter, backoff(attempt)));
    }
  }
}

export const post = (path, body) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const del = (path) => call('DELETE', path);

// ---- the login itself

export async function logIn(name, password) {
  const session = await send('POST', '/v1/sessions', { name, password });
  keepSession(session);
  return session.user;
}

export async function signUp(name, nickname, password) {
  await send('POST', '/v1/users', { name, nickname, password });
  return logIn(name, password);
}

// Over is over: a server that does not answer must not keep anybody logged in on the screen.
export async function logOut() {
  try {
    await del('/v1/sessions/current');
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  dropSession();
}
