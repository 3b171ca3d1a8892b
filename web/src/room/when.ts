// SPDX-License-Identifier: MIT
// Days and times in few words, and what the fields for them want.
import { clockTime, dayKey, language, t, zone } from '../i18n';

/** "18:00" today, else with the day: "Mon, Dec 1, 09:00". */
export function whenText(at: Date | string): string {
  const date = new Date(at);
  if (dayKey(date) === dayKey(new Date())) return t('todayAt', { time: clockTime(date) });
  return new Intl.DateTimeFormat(language.value, { timeZone: zone.value, weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(date);
}

const two = (n: number): string => String(n).padStart(2, '0');
/** For <input type="datetime-local">, in the time of this device. */
export const localField = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
