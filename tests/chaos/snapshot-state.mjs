// What the histories of snapshot.mjs have in common: reading, replaying and comparing.
//
// A state is { part: { key: value } }; a table of events says what each does to it. A snapshot is
// { head, state }.
import { isDeepStrictEqual } from 'node:util';
import { call } from './load.mjs';

const SHOWN = 1; // differences of each part that are printed

export const pick = (list) => list[Math.floor(Math.random() * list.length)];

export async function get(w, path) {
  const { status, body } = await call(w.stack, w.me, 'GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

// Two at once, and now and then somebody reads; resolves with the snapshots.
export async function stir(w, n, ops, snapshot) {
  const taken = [];
  for (let i = 0; i < n; i++) {
    const now = [pick(ops)(w, pick(w.users)), pick(ops)(w, pick(w.users))];
    if (Math.random() < 0.25) taken.push(await snapshot(w));
    for (const status of await Promise.all(now)) if (status >= 500 || status === 0) throw new Error(`an operation ended with ${status}`);
  }
  return taken;
}

export function replay(table, state, events) {
  const copy = structuredClone(state);
  for (const { type, data } of events) {
    if (!table[type]) throw new Error(`what is ${type}?`);
    table[type](copy, data);
  }
  return copy;
}

const shown = new Map();

// Adds the parts in which what was replayed is not what is there to `wrong`, and shows the first ones.
export function compare(w, name, got, want, events, wrong) {
  for (const part of Object.keys(want)) {
    if (isDeepStrictEqual(got[part], want[part])) continue;
    wrong.add(part);
    shown.set(part, (shown.get(part) ?? 0) + 1);
    if (shown.get(part) > SHOWN) continue;
    w.t.say(`${name}: ${part} after ${events.length} events`);
    for (const key of new Set([...Object.keys(got[part]), ...Object.keys(want[part])])) {
      if (!isDeepStrictEqual(got[part][key], want[part][key]))
        console.log(`      ${key}: ${JSON.stringify(got[part][key])}\n      should be ${JSON.stringify(want[part][key])}`);
    }
    console.log(`      ${events.map(({ seq, type, data }) => `${seq} ${type} ${JSON.stringify(data)}`).join('\n      ')}`);
  }
}

// The types of those events without any of which replaying would give something else. Who can't miss an
// event does not check it.
export function telling(events, replayed) {
  const whole = replayed(events);
  const matters = (event) => {
    try {
      return !isDeepStrictEqual(replayed(events.filter((one) => one !== event)), whole);
    } catch {
      return true; // a reaction to a message that is not there
    }
  };
  return events.filter(matters).map(({ type }) => type);
}

// The events after one head, up to another.
export const between = (events, before, now) => events.filter(({ seq }) => seq > before.head && seq <= now.head);
