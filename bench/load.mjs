// What the benches have in common: the numbers in their environment, and the load generators in C.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../tests/harness.mjs';

export const env = (name, fallback) => Number(process.env[name] || fallback);

// An environment in which nginx and mariadbd are found.
export const withSbin = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const programs = join(root, process.argv.find((a) => a.startsWith('--loads='))?.slice(8) ?? 'build/bench');

// The file of a load generator.
export const loadOf = (name) => join(programs, name);

// Runs one to its end; resolves with the JSON that it prints.
export function runLoad(name, args, { password = '', input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(loadOf(name), args.map(String),
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, MARU_DB_PASSWORD: password } });
    let out = '';
    child.stdout.on('data', (data) => { out += data; });
    child.on('error', reject);
    child.stdin.on('error', () => {}); // it says itself why it ended
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`${name} ended with ${code}`));
    });
    child.stdin.end(input);
  });
}
