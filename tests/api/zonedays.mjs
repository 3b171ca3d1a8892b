// The days of a time zone as JavaScript knows them, to hold the server's against: it has its own time zones and code.
const HOUR = 3600000;
const formats = new Map();

function local(ms, zone) {
  if (!formats.has(zone))
    formats.set(zone, new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' }));
  const parts = Object.fromEntries(formats.get(zone).formatToParts(ms).map(({ type, value }) => [type, value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour) };
}

export const addDays = (date, days) => new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * HOUR).toISOString().slice(0, 10);

// The date of the day that a time belongs to, where days begin at an hour.
export function dayOf(ms, zone, dayStart = 0) {
  const { date, hour } = local(ms, zone);
  return hour >= dayStart ? date : addDays(date, -1);
}

// When the day after that of a time begins.
function nextDay(ms, zone, dayStart) {
  const day = dayOf(ms, zone, dayStart);
  let [low, high] = [ms, ms + 20 * HOUR];
  while (dayOf(high, zone, dayStart) === day) high += HOUR;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayOf(middle, zone, dayStart) === day) low = middle;
    else high = middle;
  }
  return high;
}

// Adds what of from..to lies in which day: { date: milliseconds }.
export function split(from, to, zone, dayStart = 0, sums = {}) {
  for (let at = from; at < to;) {
    const end = Math.min(to, nextDay(at, zone, dayStart));
    const day = dayOf(at, zone, dayStart);
    sums[day] = (sums[day] ?? 0) + end - at;
    at = end;
  }
  return sums;
}
