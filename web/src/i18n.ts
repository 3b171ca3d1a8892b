// SPDX-License-Identifier: MIT
// Which language the page speaks: what the visitor chose, else what the browser asks for. The texts stand
// in texts/<language>/; one with a number in it may have a form for each plural.
import { computed, signal } from '@preact/signals';
import type en from './texts/en';
import { store } from './store';

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
export type TextKey = keyof typeof en;
type Text = string | Record<string, string>;
type Values = Record<string, string | number>;

function wanted(): Language {
  const chosen = store.get('language');
  const [first] = (chosen ?? navigator.language).toLowerCase().split('-');
  return LANGUAGES.find((one) => one === first) ?? 'en';
}

const catalog = signal<Record<string, Text>>({});
export const language = signal<Language>(wanted());

/** Loads the texts of a language, and speaks it from then on. */
export async function speak(now: Language): Promise<void> {
  const { default: texts } = now === 'ko' ? await import('./texts/ko') : await import('./texts/en');
  catalog.value = texts as unknown as Record<string, Text>;
  language.value = now;
  document.documentElement.lang = now;
}

export function setLanguage(now: Language): Promise<void> {
  store.set('language', now);
  return speak(now);
}

const plurals = computed(() => new Intl.PluralRules(language.value));
const numbers = computed(() => new Intl.NumberFormat(language.value));
export const number = (n: number): string => numbers.value.format(n);

/** Whether there is a text of that name. */
export const hasText = (key: string): key is TextKey => key in catalog.value;

/** The text of that name, with values in place of {names}. */
export function t(key: TextKey, values: Values = {}): string {
  const text = catalog.value[key] ?? key;
  const form = typeof text === 'string' ? text : text[plurals.value.select(Number(values.n))] ?? text.other ?? key;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : value ?? whole;
  });
}

// ---- dates, in the zone of the account if it has one, else of the browser

export const zone = signal<string | undefined>(undefined);

const formats = computed(() => {
  const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language.value, { timeZone: zone.value, ...options });
  return {
    time: make({ hour: 'numeric', minute: '2-digit' }), day: make({ dateStyle: 'full' }), short: make({ dateStyle: 'medium' }), plain: make({ dateStyle: 'medium', timeZone: 'UTC' }),
    full: make({ dateStyle: 'full', timeStyle: 'medium' }),
    key: new Intl.DateTimeFormat('en-CA', { timeZone: zone.value, dateStyle: 'short' }),
  };
});

export const clockTime = (date: Date): string => formats.value.time.format(date);
export const dayName = (date: Date): string => formats.value.day.format(date);
export const shortDate = (date: Date): string => formats.value.short.format(date);
/** Of a day that is the same everywhere: 2031-05-17. */
export const plainDay = (day: string): string => formats.value.plain.format(new Date(day));
export const fullTime = (date: Date): string => formats.value.full.format(date);
/** Equal for two times of the same day. */
export const dayKey = (date: Date): string => formats.value.key.format(date);

const AGES: [Intl.RelativeTimeFormatUnit, number][] = [['month', 30 * 86400], ['day', 86400], ['hour', 3600], ['minute', 60]];
/** "5 minutes ago", in the largest unit that fits. */
export function ago(time: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  const [unit, size] = AGES.find(([, least]) => seconds >= least) ?? ['minute' as const, 60];
  return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(-Math.floor(seconds / size), unit);
}

export const percent = (part: number): string =>
  new Intl.NumberFormat(language.value, { style: 'percent' }).format(Math.floor(part * 100) / 100);

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
/** The size of a file, as file managers tell it: 1 MB is 1024 kB. */
export function bytes(n: number): string {
  const power = n < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(n) / 10));
  const value = n / 1024 ** power;
  return new Intl.NumberFormat(language.value, {
    style: 'unit', unit: units[power], unitDisplay: power === 0 ? 'long' : 'short', maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
