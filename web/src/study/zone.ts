// SPDX-License-Identifier: MIT
// Days and times of the zone in the settings, which need not be that of this device.
import { DAY, HOUR } from './clock';

const formats = new Map<string, Intl.DateTimeFormat>();

/** 2026-11-29T18:30, as the clocks of the zone show it: what <input type="datetime-local"> wants. */
export function wallOf(at: number, zone: string): string {
  let format = formats.get(zone);
  if (!format) formats.set(zone, format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }));
  return format.format(at).replace(' ', 'T');
}

/** When the clocks of the zone show that. */
export function instantOf(wall: string, zone: string): number {
  const shown = Date.parse(`${wall}Z`);
  let at = shown;
  // The second time for where the first one was on the other side of a change of the clocks.
  for (let i = 0; i < 2; i++) at += shown - Date.parse(`${wallOf(at, zone)}Z`);
  return at;
}

export const dayAfter = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** The day that a time belongs to, where days begin at that hour. */
export const dayOf = (at: number, zone: string, begins: number): string =>
  new Date(Date.parse(`${wallOf(at, zone)}Z`) - begins * HOUR).toISOString().slice(0, 10);
