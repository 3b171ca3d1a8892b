// SPDX-License-Identifier: MIT
// How times that were studied are said.
import { computed } from '@preact/signals';
import { language } from '../i18n';
import { HOUR, MINUTE } from './clock';

const formats = computed(() => {
  const make = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language.value, options);
  const day = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language.value, { timeZone: 'UTC', ...options });
  const unit = { style: 'unit', unitDisplay: 'short' } as const;
  const tenths = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return {
    hours: make({ ...unit, unit: 'hour' }), minutes: make({ ...unit, unit: 'minute' }), said: make({ ...unit, unit: 'hour', ...tenths }), tenths: make(tenths),
    weekday: day({ weekday: 'short' }), full: day({ dateStyle: 'full' }), month: day({ year: 'numeric', month: 'long' }), medium: day({ dateStyle: 'medium' }),
  };
});

/** 1 hr 20 min; 1 hr; 20 min */
export function spanText(ms: number): string {
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.floor(ms / MINUTE) % 60;
  const said = [hours > 0 && formats.value.hours.format(hours), (minutes > 0 || hours === 0) && formats.value.minutes.format(minutes)];
  return said.filter(Boolean).join(' ');
}

/** 1.5, in hours. */
export const hoursText = (ms: number): string => formats.value.tenths.format(ms / HOUR);
/** 1.5 hr */
export const hoursSaid = (ms: number): string => formats.value.said.format(ms / HOUR);

// Days are of no zone.
export const weekday = (day: string): string => formats.value.weekday.format(new Date(day));
export const fullDay = (day: string): string => formats.value.full.format(new Date(day));
export const monthName = (day: string): string => formats.value.month.format(new Date(day));
export const weekName = (from: string, to: string): string => formats.value.medium.formatRange(new Date(from), new Date(to));
