// Figures and the bars that they must pass. A bench prints whatever it likes as it goes, and its bars
// at the end, one line each:
//
//   bar hot_room_ratio 0.71 x >=0.60 ok
//   bar acked_lost 3 messages <=0 short
const bars = [];

// limit: '>=0.60', '<=2', '<10'.
export function bar(name, figure, unit, limit) {
  const [, relation, number] = /^(>=|<=|<)([\d.]+)$/.exec(limit);
  const bound = Number(number);
  const digits = Number.isInteger(figure) ? 0 : 2;
  // What is printed is what is judged.
  const shown = Number(figure.toFixed(digits));
  const ok = { '>=': shown >= bound, '<=': shown <= bound, '<': shown < bound }[relation];
  bars.push({ ok, line: `bar ${name} ${figure.toFixed(digits)} ${unit} ${limit} ${ok ? 'ok' : 'short'}` });
}

export const barLines = () => bars.map(({ line }) => line);

// Prints all bars, and once more those that are short: they must be seen where only the end of a log
// is kept. Whether every one was passed.
export function printBars() {
  for (const { line } of bars) console.log(line);
  const short = bars.filter(({ ok }) => !ok);
  if (short.length > 0) console.log(`${short.length} of ${bars.length} bars short:`);
  for (const { line } of short) console.log(line.slice('bar '.length));
  return short.length === 0;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
