// Files that want to harm whoever decodes them (monsters.mjs): each has to be refused, or to come out without its foreign bytes,
// within 5 s, by a helper of at most 256 MB.
//
//   make bench-files ONLY=hostile
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, signUp, startStack } from '../../tests/harness.mjs';
import { monsters } from './monsters.mjs';

// "Try again later", on a host that is busy otherwise, is a refusal, too.
//
// What comes of a file: { outcome: 'refused' | 'taken' | something that must not be, why, memory (MB), texts: what is kept }.

// By the test program that calls image_make(), which knows what the helper took.
function byLooker() {
  const looker = join(process.env.MARU_BUILD ?? join(root, 'build'), 'tests/api/looker');
  const dir = mkdtempSync(join(tmpdir(), 'maru-hostile-'));
  mkdirSync(join(dir, 'tmp'));
  const kept = () => readdirSync(join(dir, 'tmp')).filter((name) => name.startsWith('out')).map((name) => join(dir, 'tmp', name));
  return {
    send({ bytes }) {
      kept().forEach((path) => rmSync(path));
      writeFileSync(join(dir, 'from'), bytes);
      const { err, detail, memory } = JSON.parse(execFileSync(looker, ['square', dir, join(dir, 'from'), join(dir, 'tmp/out')], { encoding: 'utf8' }));
      const outcome = { OK: 'taken', BAD_FILE: 'refused', UNAVAILABLE: 'refused' }[err] ?? err;
      const texts = kept().map((path) => readFileSync(path, 'latin1'));
      return { outcome: outcome === 'refused' && texts.length > 0 ? 'left something' : outcome, why: detail, memory, texts };
    },
    stop: () => rmSync(dir, { recursive: true }),
  };
}

// As anybody would, who says that it is a JPEG.
async function byRequest() {
  const stack = await startStack();
  const { token } = await signUp(stack);
  const headers = { authorization: `Bearer ${token}` };
  const get = async (path) => Buffer.from(await (await fetch(stack.url + path, { headers })).arrayBuffer()).toString('latin1');
  return {
    async send({ bytes }) {
      const answer = await fetch(`${stack.url}/v1/files`, { method: 'POST', headers: { ...headers, 'content-type': 'image/jpeg' }, body: bytes });
      const said = await answer.json();
      if (answer.status === 201) return { outcome: 'taken', why: said.kind, texts: [await get(said.url), await get(said.thumbnail)] };
      return { outcome: [400, 415, 422, 503].includes(answer.status) ? 'refused' : String(answer.status), why: said.detail, texts: [] };
    },
    stop: () => stack.stop(),
  };
}

async function try_(monster, driver) {
  const since = process.hrtime.bigint();
  const result = await driver.send(monster);
  const seconds = Number(process.hrtime.bigint() - since) / 1e9;
  const clean = result.outcome === 'refused' ||
    (result.outcome === 'taken' && monster.mayDecode && !result.texts.some((text) => monster.foreign && text.includes(monster.foreign)));
  console.log(`${seconds.toFixed(2)} s ${(result.memory ?? 0).toFixed(0).padStart(4)} MB ${clean ? ' ' : '!'} ${result.outcome.padEnd(8)} ${monster.name}: ${result.why ?? ''}`);
  return { seconds, memory: result.memory ?? 0, clean, refused: result.outcome === 'refused' };
}

async function tryAll(all, driver) {
  const results = [];
  try {
    for (const monster of all) results.push(await try_(monster, driver));
  } finally {
    await driver.stop();
  }
  const slowest = (which) => Math.max(...results.filter(which).map(({ seconds }) => seconds));
  console.log(`slowest of those that are pictures, too: ${slowest(({ refused }) => !refused).toFixed(2)} s`);
  return { not: results.filter(({ clean }) => !clean).length, slowest: slowest(({ refused }) => refused), memory: Math.max(...results.map(({ memory }) => memory)) };
}

export async function hostile({ bar }) {
  const all = monsters();
  const { not, slowest, memory } = await tryAll(all, byLooker());
  bar('files_hostile_files', all.length, 'files', '>=50');
  bar('files_hostile_not_refused', not, 'files', '<=0');
  bar('files_hostile_slowest', slowest, 's', '<=5');
  bar('files_hostile_helper_rss', memory, 'MB', '<=256');
  console.log('\nand by POST /v1/files\n');
  const http = await tryAll(all, await byRequest());
  bar('files_hostile_http_not_refused', http.not, 'files', '<=0');
  bar('files_hostile_http_slowest', http.slowest, 's', '<=5');
}
