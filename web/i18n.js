// SPDX-License-Identifier: MIT
// Which language the page speaks: what the visitor chose, else what the browser asks for. Texts stand
// in texts.js; markup names them with data-t, data-t-label (aria-label) and data-t-placeholder.
import { recall, remember } from './store.js';
import { texts } from './texts.js';

const listeners = new Set();
let language = recall('language') ?? (navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en');
if (!texts[language]) language = 'en';

export const currentLanguage = () => language;

// The text of that name. A text may be a function of the values, or name them in braces.
export function t(key, values = {}) {
  const text = texts[language][key] ?? texts.en[key] ?? key;
  if (typeof text === 'function') return text(values);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function translate(root = document) {
  for (const node of root.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel));
    if (node.tagName === 'BUTTON') node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll('[data-t-placeholder]')) {
    node.placeholder = t(node.dataset.tPlaceholder);
  }
}

export function setLanguage(wanted) {
  language = wanted;
  remember('language', wanted);
  document.documentElement.lang = wanted;
  translate();
  for (const listener of listeners) listener();
}

// Calls back after every change of language; returns a function that ends it.
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const formats = new Map();
function format(name, options) {
  const key = `${language} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
  return formats.get(key);
}

export const clockTime = (date) => format('time', { hour: 'numeric', minute: '2-digit' }).format(date);
export const dayName = (date) => format('day', { dateStyle: 'full' }).format(date);
export const fullTime = (date) => format('full', { dateStyle: 'full', timeStyle: 'medium' }).format(date);
export const percent = (part) => new Intl.NumberFormat(language, { style: 'percent' }).format(Math.floor(part * 100) / 100);
const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
// The size of a file, as file managers tell it: 1 MB is 1024 kB.
export function bytes(n) {
  const power = n < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(n) / 10));
  const value = n / 1024 ** power;
  return new Intl.NumberFormat(language, {
    style: 'unit', unit: units[power], unitDisplay: power === 0 ? 'long' : 'short', maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
export const number = (n) => new Intl.NumberFormat(language).format(n);

document.documentElement.lang = language;
