// SPDX-License-Identifier: MIT
// What the page remembers from one visit to the next. Where the browser forbids storage, it is kept
// for this visit only. Never put a token here: those live in cookies that no script can read.
const fallback = new Map();

export function recall(key) {
  try {
    return localStorage.getItem(`maru.${key}`);
  } catch {
    return fallback.get(key) ?? null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`maru.${key}`, value);
  } catch {
    fallback.set(key, value);
  }
}

export function forget(key) {
  fallback.delete(key);
  try {
    localStorage.removeItem(`maru.${key}`);
  } catch { /* nothing was stored then */ }
}
