// The authorisation matrix: matrix.txt says what everybody gets from each endpoint, this tries all of it.
//
//   const { cells, tried, deviations } = await runMatrix(stack);    // deviations: what was otherwise, as sentences
//
// The stack has to let many logins and accounts pass (MATRIX_CONF).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../harness.mjs';
import { assertOk, assertProblem } from './check.mjs';
import { NOBODY, calls } from './matrixcalls.mjs';
import { ROLES, build, isIntact, listener, missing, populate, silence, snapshot } from './matrixworld.mjs';

// Of a Janus that is not there: what the API says does not depend on it.
const SFU = { sfu_url: 'http://127.0.0.1:9/janus', sfu_secret: 'ofJanusAnd32CharactersLong0123456789', sfu_admin_key: 'key' };
export const MATRIX_CONF = { signup_attempts: 100000, login_attempts: 100000, workers: 4, room_webhooks: 'on', ...SFU };

const KINDS = ['public', 'secret', 'hidden', 'group', 'direct', '-'];
const SLUGS = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 422: 'invalid-fields' };

// [{ name, kind, cells: { role: what } }], without the cells that can't be.
export function readTable(text = readFileSync(join(root, 'tests/api/matrix.txt'), 'utf8')) {
  const lines = [];
  let name;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      name = line;
      continue;
    }
    const [kinds, ...words] = line.trim().split(/\s+/);
    if (words.length !== ROLES.length) throw new Error(`${name}: ${words.length} cells, not ${ROLES.length}: ${line}`);
    for (const kind of kinds.split(',')) {
      if (!KINDS.includes(kind)) throw new Error(`${name}: there is no kind ${kind}`);
      const cells = Object.fromEntries(ROLES.map((role, i) => [role, words[i]]).filter(([, word]) => word !== '-'));
      lines.push({ name, kind, cells });
    }
  }
  return lines;
}

// The route of a line: "PUT /v1/rooms/:room/bans/:user (the host)" is about "PUT /v1/rooms/:room/bans/:user".
export const routeOf = (name) => name.replace(/ \(.*\)$/, '').replace(/\?.*$/, '');

// What is wrong with the table itself: routes that it does not have, lines that nobody knows how to try, kinds left out.
export function checkTable(table = readTable()) {
  const routes = [...readFileSync(join(root, 'api/routes.def'), 'utf8').matchAll(/^ROUTE\((\w+), "([^"]+)"/gm)]
    .map(([, method, path]) => `${method} ${path}`).filter((route) => !/ \/apps\/|\/v1\/(healthz|readyz)$/.test(route));
  const names = [...new Set(table.map(({ name }) => name))];
  const has = new Set(names.map(routeOf));
  const known = new Set([...routes, ...names.filter((name) => name.startsWith('WS ')).map(routeOf)]);
  return [
    ...routes.filter((route) => !has.has(route)).map((route) => `${route} is missing`),
    ...names.filter((name) => !known.has(routeOf(name))).map((name) => `${name}: there is no such route`),
    ...names.filter((name) => !calls[name]).map((name) => `${name}: nobody knows how to try it`),
    ...Object.keys(calls).filter((name) => !names.includes(name)).map((name) => `${name} is tried, but not in the table`),
    ...names.flatMap((name) => {
      const kinds = table.filter((line) => line.name === name).map(({ kind }) => kind);
      const wanted = kinds.includes('-') ? ['-'] : KINDS.slice(0, 5);
      return kinds.join() === [...kinds].sort((a, b) => KINDS.indexOf(a) - KINDS.indexOf(b)).join() && kinds.length === wanted.length
        && wanted.every((kind) => kinds.includes(kind)) ? [] : [`${name}: its kinds are ${kinds}`];
    }),
  ];
}

// ---- one line

// What the call of one cell is given; see matrixcalls.mjs.
export function contextOf(world, s, kind, role) {
  const { who } = s;
  const place = s.of(role);
  const { host } = who;
  const fallback = { moderator: place.partner, muted: place.partner, banned: place.partner };
  return { ...fallback, ...who, ...place, who, stack: world.stack, kind, role, host, me: who[role], at: who[role].at, code: s.code, title: s.title,
    insider: kind === 'direct' && role === 'blocked' ? who.blocked : host };
}

const VOLATILE = ['date', 'content-length', 'x-request-id', 'connection', 'keep-alive'];

// An answer but for what is always another: the id that was asked for, the time, the request's own id.
function blank({ status, headers, body }, id) {
  const { request_id: _, ...rest } = typeof body === 'object' ? body : { body };
  const kept = [...headers].filter(([name]) => !VOLATILE.includes(name));
  return JSON.stringify([status, kept, rest]).replaceAll(new RegExp(`\\b${id}\\b`, 'g'), 'ID');
}

// Where two texts part.
function difference(one, other) {
  let i = 0;
  while (i < one.length && one[i] === other[i]) i++;
  return `"...${one.slice(i - 20, i + 100)}", not "...${other.slice(i - 20, i + 100)}"`;
}

// The same question about a room that never was.
const askMissing = (call, c) => call({ ...c, isMissing: true, room: missing(c.room), title: 'no such hall' });

const isRefusal = (word) => word === 'no' || word === 'as-none' || !/^2/.test(word);

// Throws unless the answer is what the table says.
async function judge(word, answer, spec, c) {
  if (typeof answer === 'boolean') {
    if (answer !== (word === 'yes')) throw new Error(`expected ${word}, got ${answer ? 'yes' : 'no'}`);
    return;
  }
  const status = word === 'as-none' ? 200 : Number(word);
  if (status >= 200 && status < 400) {
    if (spec.bytes || /^text\/event-stream/.test(answer.headers.get('content-type') ?? '')) {
      if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}`);
    } else assertOk(answer, status);
  } else {
    const slug = SLUGS[word] ?? word;
    assertProblem(answer, slug, slug === 'invalid-fields' ? answer.body?.errors?.map(({ field }) => field) : undefined);
  }
  const secret = c.kind !== '-' && (status === 404 || word === 'as-none');
  if (!secret && !spec.shows) return;
  const none = await askMissing(spec.call, c);
  const ids = spec.name.startsWith('GET /v1/presence?') ? [c.host.id, NOBODY] : [c.room, missing(c.room)];
  const same = blank(answer, ids[0]) === blank(none, ids[1]);
  if (secret && !same) throw new Error(`a room that never was answers otherwise: ${difference(blank(none, ids[1]), blank(answer, ids[0]))}`);
  if (!secret && status === 200 && same) throw new Error('it says no more than about a room that never was');
}

async function tryCell(world, s, line, role, ready) {
  const spec = { name: line.name, ...calls[line.name] };
  const word = line.cells[role];
  const c = contextOf(world, s, line.kind, role);
  if (spec.live) c.listener = await listener(world, s, role);
  if (spec.make) c.target = await spec.make(c);
  await ready();
  const before = await snapshot(world, s);
  const answer = await spec.call(c);
  await judge(word, answer, spec, c);
  if (isRefusal(word) || line.name.startsWith('GET ')) {
    const now = await snapshot(world, s);
    if (now !== before) throw new Error(`it changed something: ${now.split('\n').filter((row) => !before.includes(row))}`);
  }
  if (spec.undo) await spec.undo(c);
}

export async function openMatrix(stack) {
  return { world: await populate(stack), situations: {} };
}

async function situation(matrix, kind) {
  const { world, situations } = matrix;
  const s = situations[kind];
  if (s && await isIntact(world, s)) return s;
  silence(s);
  return (situations[kind] = await build(world, kind, s));
}

// Tries all cells of a line: { tried, deviations }. ready(): called in each when everything is prepared.
export async function tryLine(matrix, line, ready = async () => {}) {
  const { world } = matrix;
  const deviations = [];
  let tried = 0;
  await world.db.ask('DELETE FROM throttle'); // of who asks as often as this does
  for (const role of Object.keys(line.cells)) {
    const s = await situation(matrix, line.kind);
    tried++;
    try {
      await tryCell(world, s, line, role, ready);
    } catch (error) {
      deviations.push(`${line.name}, ${line.kind}, ${role}: ${error.message}`);
    }
  }
  return { tried, deviations };
}

export function closeMatrix({ world, situations }) {
  for (const s of Object.values(situations)) silence(s);
  world.db.close();
}

// The whole table on this stack: { cells, tried, deviations }.
export async function runMatrix(stack) {
  const table = readTable();
  const matrix = await openMatrix(stack);
  const sum = { cells: 0, tried: 0, deviations: checkTable(table) };
  for (const line of table) {
    const { tried, deviations } = await tryLine(matrix, line);
    sum.cells += Object.keys(line.cells).length;
    sum.tried += tried;
    sum.deviations.push(...deviations);
  }
  closeMatrix(matrix);
  return sum;
}
