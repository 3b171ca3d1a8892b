// SPDX-License-Identifier: MIT
// Requests to the REST API. An access token that has ended is renewed with the refresh cookie, once
// for all requests that wait for it. A refresh token is good for one use: if two windows use it at the
// same time, one of them is told that the cookies are new already.
import { Problem } from './problem.js';
import { dropSession, expires, isStale, keepSession } from './session.js';
import { backoff } from './wait.js';

const PATIENCE = 20000; // milliseconds for one answer
const NEIGHBOUR = 5000; // for the answer that another window gets
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

// Another window renews; the cookies are there when it has noted until when they last.
async function awaitNeighbour(before) {
  for (const end = Date.now() + NEIGHBOUR; expires() === before && Date.now() < end;) await sleep(50);
}

async function renew(before) {
  try {
    // keepalive: the new cookie arrives even if the page is closed meanwhile; the old one is spent.
    keepSession(await send('POST', '/v1/sessions/refresh', {}, { keepalive: true }));
  } catch (problem) {
    if (problem.slug === 'renewed') return awaitNeighbour(before);
    if (problem.status === 401) {
      dropSession();
      ended();
    }
    throw problem;
  }
}

let renewing = null;
function refresh(before) {
  renewing ??= renew(before).finally(() => { renewing = null; });
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
