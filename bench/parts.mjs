// Runs the parts of a bench, each a file in a directory of the name of the function that it exports:
//
//   await runParts('talk');   // bench/talk/*.mjs, or those named in ONLY
//
// Each part starts a Maru of its own and prints its bars; one after the other, so that none disturbs another. Status 1 if
// one is short, or could not be measured.
import { readdirSync } from 'node:fs';
import { bar, printBars } from './bar.mjs';
import { env } from './load.mjs';

async function measure(bench, name) {
  const part = (await import(`./${bench}/${name}.mjs`))[name];
  if (part === undefined) return; // what several parts share
  console.log(`\n---- ${name}\n`);
  try {
    await part({ bar, env });
  } catch (error) {
    console.log(error);
    bar(`${bench}_${name}_broken`, 1, 'parts', '<=0');
  }
}

export async function runParts(bench) {
  const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
  const all = readdirSync(new URL(`./${bench}/`, import.meta.url)).filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -4)).sort();
  const unknown = only.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}; there are ${all.join(', ')}.`);
    process.exit(2);
  }
  for (const name of only.length > 0 ? only : all) await measure(bench, name);
  process.exitCode = printBars() ? 0 : 1;
}
