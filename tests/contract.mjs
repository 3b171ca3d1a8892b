// The contract is web/docs/openapi.yaml and web/docs/asyncapi.yaml: every answer and every event that any test of
// the API gets is held against them, and what they do not know fails the test that provoked it.
//
//   checkAnswer('GET', '/v1/rooms/7', { status, headers, body })    // throws
//   checkEvent('member.joined', { room: 7, ... })
//   checkFrame('presence-room-7', 'member.joined', { room: 7, ... })    // as a websocket hears it
//   node tests/contract.mjs FILE    // FILE: MARU_CONTRACT of a run of all tests; what was documented and never seen?
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
// What can happen to every request; the contract has it once, as `default`. Other problems are listed at the operation.
const GENERAL = ['bad-request', 'bad-json', 'unauthenticated', 'token-expired', 'bad-origin', 'not-for-bots', 'not-for-guests', 'method-not-allowed', 'too-large',
  'unsupported-media-type', 'throttled', 'internal', 'unavailable', 'outcome-unknown', 'busy'];

const BASE = 'http://maru/';
let loaded;

const read = (name) => parse(readFileSync(join(root, 'web/docs', name), 'utf8'));

// { operations: [{ id, method, path, pattern, parameters, takes, responses, problems, events, signals, isPublic }],
//   events, signals: name -> schema, channels: name -> names of what is heard there, document, validate(schema, value) }
export function contract() {
  if (loaded) return loaded;
  const document = read('openapi.yaml');
  const live = read('asyncapi.yaml');
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ ...document, $id: `${BASE}openapi.yaml` });
  ajv.addSchema({ ...live, $id: `${BASE}asyncapi.yaml` });
  // An id is a positive number; with anything else it is another address, where nothing is.
  const isId = (name) => /\/(Id|Seq)$/.test(document.components.parameters[name].schema.$ref ?? '');
  const operations = Object.entries(document.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method])
    .map((method) => ({
      id: item[method].operationId,
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, (_, name) => (isId(name) ? '[1-9][0-9]*' : '[^/]+'))}$`),
      parameters: (item[method].parameters ?? []).map(({ $ref }) => $ref.split('/').pop()),
      takes: Object.keys(item[method].requestBody?.content ?? {})[0] ?? 'application/json',
      responses: item[method].responses,
      problems: item[method]['x-problems'] ?? [],
      events: item[method]['x-events'] ?? [],
      signals: item[method]['x-signals'] ?? [],
      isPublic: item[method].security?.length === 0,
    })));
  // /v1/rooms/7/members/me is the path that says so, not the one with an id.
  operations.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  const validators = new Map();
  const validate = (schema, value) => {
    const key = JSON.stringify(schema);
    if (!validators.has(key)) validators.set(key, ajv.compile(schema));
    const check = validators.get(key);
    return check(value) ? '' : ajv.errorsText(check.errors, { dataVar: 'body' });
  };
  // AsyncAPI's schemas are JSON Schema of 2018, which can't say this.
  const payloads = (signal) => Object.fromEntries(Object.entries(live.components.messages).filter(([, message]) => !!message['x-signal'] === signal)
    .map(([name, { payload }]) => [name, { allOf: [absolute(payload, 'asyncapi.yaml')], unevaluatedProperties: false }]));
  const channels = Object.fromEntries(Object.entries(live.channels).map(([name, { messages }]) => [name, Object.keys(messages)]));
  loaded = { document, operations, events: payloads(false), signals: payloads(true), channels, validate };
  return loaded;
}

// The same schema, whose references work outside the file.
function absolute(schema, file) {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === '$ref' ? new URL(value, BASE + file).href : value)));
}

function follow(document, response) {
  return response.$ref ? response.$ref.slice(2).split('/').reduce((at, key) => at[key], document) : response;
}

function fail(operation, status, why, body) {
  throw new Error(`${operation.id} ${status}: ${why}\n${JSON.stringify(body)}`);
}

// Throws unless web/docs/openapi.yaml describes this answer. Paths that it does not have are not its matter.
export function checkAnswer(method, url, { status, headers, body }) {
  const { document, operations, validate } = contract();
  const path = url.split('?')[0];
  const operation = operations.find((one) => one.method === method && one.pattern.test(path));
  if (!operation) return;
  const slug = status >= 400 ? body?.type?.slice('/problems/'.length) : undefined;
  if (slug && !operation.problems.includes(slug) && !GENERAL.includes(slug)) fail(operation, status, `${slug} is not listed`, body);
  const stated = operation.responses[status] ?? (slug ? operation.responses.default : undefined);
  if (!stated) fail(operation, status, 'the contract does not have this status', body);
  const type = (headers.get('content-type') ?? '').split(';')[0];
  const { content = {} } = follow(document, stated);
  if (Object.keys(content).length === 0 && body !== '') fail(operation, status, 'no content was promised', body);
  if (Object.keys(content).length > 0 && !content[type] && !content['*/*']) fail(operation, status, `${type} is not what was promised`, body);
  const wrong = content[type] && type.endsWith('json') ? validate(absolute(content[type].schema, 'openapi.yaml'), body) : '';
  if (wrong) fail(operation, status, wrong, body);
  for (const { type: name, data } of eventsIn(body)) checkEvent(name, data);
  saw(`${operation.id} ${status}`);
  if (slug) saw(`${operation.id} ${slug}`);
}

const noted = new Set();

// For unseen().
function saw(line) {
  if (!process.env.MARU_CONTRACT || noted.has(line)) return;
  noted.add(line);
  appendFileSync(process.env.MARU_CONTRACT, `${line}\n`);
}

// The events in an answer of /v1/.../events or /v1/sync. The events of a webhook are names.
function eventsIn(body) {
  const events = body?.events ?? Object.values(body?.streams ?? {}).flatMap((stream) => stream.events ?? []);
  return events.filter((event) => typeof event === 'object');
}

function validateEvent(schemas, name, data) {
  if (!schemas[name]) throw new Error(`web/docs/asyncapi.yaml does not have ${name}`);
  const wrong = contract().validate(schemas[name], data);
  if (wrong) throw new Error(`${name}: ${wrong}\n${JSON.stringify(data)}`);
  saw(`event ${name}`);
}

// Throws unless web/docs/asyncapi.yaml describes this durable event.
export function checkEvent(name, data) {
  validateEvent(contract().events, name, data);
}

const CHANNELS = [[/^presence-room-\d+$/, 'room'], [/^private-user-\d+$/, 'user'], [/^lobby$/, 'lobby']];

// Throws unless web/docs/asyncapi.yaml describes what was heard on a channel. What apps send there, and what clients tell
// each other, is not Maru's. data may be the text that a frame has.
export function checkFrame(channel, name, data) {
  const { channels, events, signals } = contract();
  const kind = CHANNELS.find(([pattern]) => pattern.test(channel))?.[1];
  if (!kind || !(events[name] || signals[name])) return;
  if (!channels[kind].includes(name)) throw new Error(`web/docs/asyncapi.yaml does not have ${name} on ${channel}`);
  validateEvent({ ...events, ...signals }, name, typeof data === 'string' ? JSON.parse(data) : data);
}

// What is documented and was not seen: "rooms_get 404", "rooms_get not-found", "event room.created".
export function unseen(text) {
  const seen = new Set(text.split('\n'));
  const { operations, events, signals } = contract();
  const documented = operations.flatMap(({ id, responses, problems }) => [...Object.keys(responses).filter((status) => status !== 'default'), ...problems]
    .map((what) => `${id} ${what}`));
  return [...documented, ...Object.keys({ ...events, ...signals }).map((name) => `event ${name}`)].filter((line) => !seen.has(line));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = unseen(readFileSync(process.argv[2], 'utf8'));
  for (const line of missing) console.log(`documented in web/docs/openapi.yaml and seen in no test: ${line}`);
  process.exit(missing.length === 0 ? 0 : 1);
}
