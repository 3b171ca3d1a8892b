// sqlmap (https://sqlmap.org), level 3, on every endpoint of openapi.yaml: each value in its path, its query and its body.
//
//   make bench-talk ONLY=sqlmap [SECONDS=240] [AT_ONCE=2] [ENDPOINTS=rooms_list,messages_create]
//
// SECONDS are those that one endpoint may take; one that needs more is told, and tested as far as it came. At first sqlmap has
// to find the hole of a server which has one, in front of the same MariaDB. The headers that level 3 tries, User-Agent and
// Referer, are tried where they are stored: logging in.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api, sleep, startStack } from '../../tests/harness.mjs';
import { createRoom, joinRoom, people, say } from '../../tests/api/check.mjs';
import { contract } from '../../tests/contract.mjs';
import { setAdmin } from '../../tests/api/ranks.mjs';

const OPTIONS = ['--batch', '--level=3', '--risk=1', '--dbms=mysql', '--flush-session', '--disable-coloring', '--skip-waf', '--ignore-stdin', '--ignore-code=*', '--timeout=15', '--retries=1',
  '--time-sec=5'];
const MARK = '*'; // of what sqlmap puts its texts into

// What a run of sqlmap says: 'found', 'nothing', 'unfinished' or, of what it could not try, 'broken'. An answer that is a stream
// and does not end makes it give up on the way, which is unfinished.
function run(directory, name, lines, seconds, more = []) {
  const file = join(directory, `${name}.txt`);
  writeFileSync(file, lines.join('\r\n'));
  return new Promise((resolve, reject) => {
    const child = spawn('sqlmap', ['-r', file, `--output-dir=${join(directory, name)}`, ...OPTIONS, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let late = false;
    const timer = setTimeout(() => { late = true; child.kill('SIGKILL'); }, seconds * 1000);
    for (const out of [child.stdout, child.stderr]) out.on('data', (data) => { text += data; });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      const result = /identified the following injection point|appears to be injectable/.test(text) ? 'found'
        : /do not appear to be injectable/.test(text) ? 'nothing' : late || /there seems to be a continuous problem/.test(text) ? 'unfinished' : 'broken';
      resolve({ result, text, tested: new Set([...text.matchAll(/testing (?:if )?[^\n]*?parameter '([^']+)'/g)].map(([, one]) => one)).size });
    });
  });
}

// ---- requests

const found = (doc, schema) => (schema?.$ref ? schema.$ref.split('/').slice(1).reduce((at, key) => at[key], doc) : schema ?? {});

// JSON with a mark behind every value, of a schema.
function sample(doc, given, name) {
  const schema = found(doc, given);
  if (schema.allOf) return `{${schema.allOf.map((one) => sample(doc, one, name).slice(1, -1)).filter(Boolean).join(',')}}`;
  const [choice] = schema.oneOf ?? schema.anyOf ?? [];
  if (choice && !schema.properties) return sample(doc, choice, name);
  const type = [schema.type].flat()[0];
  if (schema.enum) return `"${schema.enum[0]}${MARK}"`;
  if (schema.properties) return `{${Object.entries(schema.properties).map(([key, one]) => `"${key}":${sample(doc, one, key)}`).join(',')}}`;
  if (type === 'integer' || type === 'number') return `${Math.max(schema.minimum ?? 1, 1)}${MARK}`;
  if (type === 'boolean') return 'true';
  if (type === 'array') return `[${sample(doc, schema.items, name)}]`;
  return `"${/email/.test(name) ? 'a@b.example' : /url/.test(name) ? 'https://maru.example/' : /_on$/.test(name) ? '2030-12-31' : 'tea'}${MARK}"`;
}

// The lines of a request to an operation, by what its world has.
function requestOf({ id, method, path, parameters }, w) {
  const { document: doc } = contract();
  const all = parameters.map((name) => found(doc, doc.components.parameters[name]));
  const shared = (doc.paths[path].parameters ?? []).map((one) => found(doc, one));
  const isId = (name) => [found(doc, doc.components.parameters[name]?.schema).type].flat().includes('integer');
  const named = (name) => w[name] ?? (isId(name) ? 1 : name === 'emoji' ? '%F0%9F%91%8D' : name === 'provider' ? 'test' : 'AAAAAAAAAAAAAAAAAAAAAA');
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => `${named(name)}${MARK}`);
  const query = [...all, ...shared].filter((one) => one.in === 'query').map(({ name, schema }) => {
    const { type, enum: words } = found(doc, schema);
    // Of a channel that one may hear the answer never ends.
    if (name === 'channels') return `${name}=presence-room-999999${MARK}`;
    return `${name}=${words?.[0] ?? ([type].flat().includes('integer') ? 5 : 'tea')}${MARK}`;
  });
  const body = doc.paths[path][method.toLowerCase()].requestBody?.content?.['application/json']?.schema;
  return { marks: filled.includes(MARK) || query.length > 0 || body !== undefined, id,
    lines: [`${method} ${filled}${query.length > 0 ? `?${query.join('&')}` : ''} HTTP/1.1`, `Host: 127.0.0.1:${w.port}`, `Authorization: Bearer ${w.token}`, 'Accept: application/json',
      ...(body ? ['Content-Type: application/json'] : []), '', body ? sample(doc, body, '') : ''] };
}

// A person of its own for each endpoint, who is an admin and host of a room with something of everything.
async function worldOf(stack) {
  const [user, other] = await people(stack, 2);
  await setAdmin(stack, user);
  const room = await createRoom(stack, user);
  await joinRoom(stack, other, room);
  const me = api(stack, user);
  const { body: message } = await say(stack, other, room);
  const { body: notice } = await me.post(`/v1/rooms/${room.id}/notices`, { body: 'x' });
  const { body: invite } = await me.post(`/v1/rooms/${room.id}/invites`, {});
  return { port: stack.port, token: user.token, room: room.id, user: other.id, message: message.seq, notice: notice.id, code: invite.code };
}

// ---- the control

// A server with a hole; resolves with its port and how to close it.
function holed(stack) {
  const server = createServer(async (asked, answer) => {
    const id = new URL(asked.url, 'http://x').searchParams.get('id');
    try {
      const rows = await stack.sql(`SELECT name FROM user WHERE id = ${id}`);
      answer.end(JSON.stringify(rows));
    } catch (error) {
      answer.statusCode = 500;
      answer.end(String(error.message));
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() })));
}

async function control(stack, directory) {
  const hole = await holed(stack);
  const { result, text } = await run(directory, 'control', [`GET /?id=1${MARK} HTTP/1.1`, `Host: 127.0.0.1:${hole.port}`, '', ''], 300, ['--technique=BE']);
  hole.close();
  console.log(`the control: ${result}`);
  if (result !== 'found') throw new Error(`sqlmap finds no hole where one is:\n${text.slice(-2000)}`);
}

export async function sqlmap({ bar, env }) {
  const seconds = env('SECONDS', 240);
  const atOnce = env('AT_ONCE', 2);
  const wanted = (process.env.ENDPOINTS ?? '').split(',').filter(Boolean);
  const stack = await startStack({ conf: { workers: 8, login_attempts: 1e6, signup_attempts: 1e6 } });
  const directory = mkdtempSync(join(tmpdir(), 'sqlmap-'));
  const all = contract().operations.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  // Words that are refused everywhere would be in the way of others: those who make them come last, one by one.
  const isWord = ({ path }) => /words/.test(path);
  const count = { found: 0, nothing: 0, unfinished: 0, broken: 0, empty: 0 };
  await people(stack, 1);
  await control(stack, directory);
  await stack.sql('CREATE TRIGGER calm BEFORE UPDATE ON throttle FOR EACH ROW SET NEW.hits = 0'); // none is held up
  const worker = async (left) => {
    for (let operation = left.shift(); operation; operation = left.shift()) {
      const { marks, id, lines } = requestOf(operation, await worldOf(stack));
      if (!marks) { count.empty++; continue; }
      const headers = /^sessions_create$|^users_create$/.test(id) ? [] : ['--skip=user-agent,referer,host'];
      const { result, text, tested } = await run(directory, id, lines, seconds, headers);
      count[result]++;
      console.log(`${id}: ${result}, ${tested} values`);
      if (result === 'found' || result === 'broken') console.log(text.slice(-1500));
    }
  };
  const others = all.filter((operation) => !isWord(operation));
  await Promise.all(Array.from({ length: atOnce }, () => worker(others)));
  for (const operation of all.filter(isWord)) {
    await worker([operation]);
    await stack.sql('DELETE FROM word');
    await sleep(5000); // workers keep them for two seconds
  }
  rmSync(directory, { recursive: true });
  console.log(`${count.nothing} endpoints tested to the end, ${count.unfinished} for ${seconds} seconds, ${count.empty} take nothing`);
  bar('talk_sqlmap_endpoints', count.nothing + count.unfinished + count.found + count.empty, 'endpoints', `>=${wanted.length || contract().operations.length}`);
  bar('talk_sqlmap_findings', count.found, 'endpoints', '<=0');
  await stack.stop();
}
