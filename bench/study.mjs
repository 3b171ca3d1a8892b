// Studying: the days of sessions in any time zone, and what a browser that is killed loses.
//
//   make bench-study [ONLY=days,killed]
//
// Status 1 if one is short. The parts stand in bench/study/.
import { printBars } from './bar.mjs';
import { days } from './study/days.mjs';
import { killed } from './study/killed.mjs';

const parts = { days, killed };
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
for (const name of only) if (!parts[name]) throw new Error(`ONLY=${name}: there are ${Object.keys(parts).join(', ')}`);

for (const [name, run] of Object.entries(parts)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const since = performance.now();
  console.log(`---- ${name}`);
  await run();
  console.log(`${name}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
}
process.exitCode = printBars() ? 0 : 1;
