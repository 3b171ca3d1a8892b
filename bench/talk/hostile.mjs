// Five hundred hostile strings in every text field that openapi.yaml has: each is stored and comes back as it was given, or is
// refused with a 4xx; and what was stored is shown by the web page in a Chromium that notices whatever is carried out.
//
//   make bench-talk ONLY=hostile [EVERY=1: each so many of them]
import { Agent, request } from 'node:http';
import { contract } from '../../tests/contract.mjs';
import { signUp, startStack } from '../../tests/harness.mjs';
import { createRoom, joinRoom, people } from '../../tests/api/check.mjs';
import { upload } from '../../tests/api/filekit.mjs';
import { setAdmin } from '../../tests/api/ranks.mjs';
import { wav } from '../../tests/api/wav.mjs';
import { openBrowser, visit } from '../../tests/e2e/browser.mjs';
import { hostileStrings } from './hostility.mjs';

const AT_ONCE = 4;
const MARK = 'put it here';
const SHOWN = 45; // messages of a room: the page shows fifty without scrolling
const RULED = /time_zone|locale|url|events|commands_create text/; // hardly any text fits the rules of these
const STORED_MIN = 100; // strings that a field for free text must have taken

let last = 0;
const fresh = (word) => `${word}${++last}`;

// ---- asking

function caller(stack) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * AT_ONCE });
  return (user, method, path, body) => new Promise((resolve, reject) => {
    const sending = request(stack.url + path, { method, agent, headers: { Authorization: `Bearer ${user.token}`,
      ...(body ? { 'Content-Type': 'application/json', 'Content-Length': body.length } : { 'Content-Length': 0 }) } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        let json;
        try { json = text ? JSON.parse(text) : {}; } catch { json = {}; }
        resolve({ status: answer.statusCode, body: json, text });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

// A body with the bytes of an item where the mark is.
function fill(body, { json }) {
  const [before, after] = JSON.stringify(body).split(JSON.stringify(MARK));
  return Buffer.concat([Buffer.from(before), json, Buffer.from(after)]);
}

const has = (json, value) => (typeof json === 'string' ? json === value
  : json !== null && typeof json === 'object' && Object.values(json).some((one) => has(one, value)));

// ---- the fields

// Each line: "operation field", and a function of the world that gives { method, path, body }, `get` (where it can be read
// again, of the answer) and `undo` (what is deleted). `secret`: nobody gets it back.
const create = (path, body, more = {}) => ({ make: () => ({ method: 'POST', path, body }), ...more });
const change = (method, path, body, get = path) => ({ make: () => ({ method, path, body }), get: () => get });
const secret = (method, path, body) => ({ make: () => ({ method, path, body }), secret: true });

function fieldsOf(w) {
  const room = `/v1/rooms/${w.room.id}`;
  const said = async () => (await w.call(w.user, 'POST', `${room}/messages`, Buffer.from(JSON.stringify({ client_id: fresh('h'), body: 'x' })))).body.seq;
  const remove = (prefix, by) => ({ undo: ({ id, code }) => [by ?? w.user, `${prefix}/${id ?? code}`] });
  const rooms = { ...remove('/v1/rooms'), get: ({ id }) => `/v1/rooms/${id}` };
  const message = { get: ({ seq }) => `${room}/messages/${seq}` };
  const listed = (path) => ({ get: () => `${path}?limit=100` });
  const packs = { ...remove('/v1/sticker-packs'), ...listed('/v1/sticker-packs') };
  const later = new Date(Date.now() + 86400000).toISOString();
  const poll = (more) => ({ client_id: fresh('p'), question: 'which?', options: ['this', 'that'], ...more });
  return {
    'users_create nickname': { make: () => ({ method: 'POST', path: '/v1/users', body: { name: fresh('hostile'), nickname: MARK, password: 'correct horse battery' } }) },
    'users_update nickname': change('PATCH', '/v1/users/me', { nickname: MARK }),
    'users_update status_message': change('PATCH', '/v1/users/me', { status_message: MARK }),
    'settings_update time_zone': change('PATCH', '/v1/users/me/settings', { time_zone: MARK }),
    'settings_update locale': change('PATCH', '/v1/users/me/settings', { locale: MARK }),
    'friends_update alias': change('PATCH', `/v1/friends/${w.friend.id}`, { alias: MARK }, '/v1/friends?state=friend'),
    'bots_create nickname': { make: () => ({ method: 'POST', path: '/v1/bots', body: { name: fresh('bot'), nickname: MARK } }), ...remove('/v1/bots') },
    'bots_update nickname': change('PATCH', `/v1/bots/${w.bot}`, { nickname: MARK }, '/v1/bots'),
    'bots_update status_message': change('PATCH', `/v1/bots/${w.bot}`, { status_message: MARK }, '/v1/bots'),
    'rooms_create title': create('/v1/rooms', { kind: 'public', title: MARK }, rooms),
    'rooms_create description': create('/v1/rooms', { kind: 'public', title: 'x', description: MARK }, rooms),
    'rooms_create tags[]': create('/v1/rooms', { kind: 'public', title: 'x', tags: [MARK] }, rooms),
    'rooms_create password': secret('POST', '/v1/rooms', { kind: 'secret', title: 'x', password: MARK, max_members: 'none' }),
    'rooms_update title': change('PATCH', room, { title: MARK }),
    'rooms_update description': change('PATCH', room, { description: MARK }),
    'rooms_update tags[]': change('PATCH', room, { tags: [MARK] }),
    'rooms_update password': secret('PATCH', room, { password: MARK, max_members: 'none' }),
    'members_join password': secret('PUT', `${room}/members/me`, { password: MARK }),
    'categories_create name': create('/v1/categories', { name: MARK }, { ...remove('/v1/categories'), ...listed('/v1/categories') }),
    'categories_update name': change('PATCH', `/v1/categories/${w.category}`, { name: MARK }, '/v1/categories'),
    'bans_set reason': change('PUT', `${room}/bans/${w.other.id}`, { reason: MARK }, `${room}/bans`),
    'messages_create body': { make: () => ({ method: 'POST', path: `${room}/messages`, body: { client_id: fresh('m'), body: MARK } }), ...message },
    'messages_create client_id': create(`${room}/messages`, { client_id: MARK, body: 'x' }, message),
    'messages_update body': { make: async () => ({ method: 'PATCH', path: `${room}/messages/${await said()}`, body: { body: MARK } }), ...message },
    'forwards_create client_id': { make: async () => ({ method: 'POST', path: `${room}/messages/${await said()}/forward`, body: { client_id: MARK, rooms: [w.shown[0].id] } }) },
    'polls_create question': { make: () => ({ method: 'POST', path: `${room}/polls`, body: poll({ question: MARK }) }), ...message },
    'polls_create options[]': { make: () => ({ method: 'POST', path: `${room}/polls`, body: poll({ options: ['this', MARK] }) }), ...message },
    'polls_create client_id': { make: () => ({ method: 'POST', path: `/v1/rooms/${w.shown[1].id}/polls`, body: poll({ client_id: MARK }) }), // not used there yet
      get: ({ seq }) => `/v1/rooms/${w.shown[1].id}/messages/${seq}` },
    'scheduled_create body': { make: () => ({ method: 'POST', path: `${room}/scheduled`, body: { client_id: fresh('l'), body: MARK, send_at: later } }),
      ...remove(`${room}/scheduled`), ...listed(`${room}/scheduled`) },
    'scheduled_create client_id': { make: () => ({ method: 'POST', path: `/v1/rooms/${w.shown.at(-1).id}/scheduled`, body: { client_id: MARK, body: 'x', send_at: later } }),
      get: ({ room: at }) => `/v1/rooms/${at}/scheduled?limit=100`, undo: ({ room: at, id }) => [w.user, `/v1/rooms/${at}/scheduled/${id}`] },
    'scheduled_update body': change('PATCH', `${room}/scheduled/${w.scheduled}`, { body: MARK }, `${room}/scheduled`),
    'drafts_set body': change('PUT', `${room}/draft`, { body: MARK }, '/v1/users/me/drafts'),
    'commands_create text': create(`${room}/commands`, { client_id: 'x', text: MARK }),
    'commands_create client_id': { make: () => ({ method: 'POST', path: `/v1/rooms/${w.shown.at(-2).id}/commands`, body: { client_id: MARK, text: '/roll 2d6' } }),
      get: ({ room: at, seq }) => `/v1/rooms/${at}/messages/${seq}` },
    'botcommands_set description': change('PUT', `/v1/bots/${w.bot}/commands/tea`, { description: MARK }, `/v1/bots/${w.bot}/commands`),
    'botcommands_set usage': change('PUT', `/v1/bots/${w.bot}/commands/tea`, { description: 'x', usage: MARK }, `/v1/bots/${w.bot}/commands`),
    'notices_create body': create(`${room}/notices`, { body: MARK }, { ...remove(`${room}/notices`), ...listed(`${room}/notices`) }),
    'notices_update body': change('PATCH', `${room}/notices/${w.notice}`, { body: MARK }, `${room}/notices`),
    'roomhooks_create name': create(`${room}/hooks`, { name: MARK }, { ...remove(`${room}/hooks`), ...listed(`${room}/hooks`) }),
    'roomhooks_post text': { make: () => ({ method: 'POST', path: `/v1/hooks/${w.hook}`, body: { text: MARK } }), ...message },
    'roomhooks_post body': { make: () => ({ method: 'POST', path: `/v1/hooks/${w.hook}`, body: { body: MARK } }), ...message },
    'roomhooks_post client_id': create(`/v1/hooks/${w.hook}`, { text: 'x', client_id: MARK }, message),
    'webhooks_create url': create(`${room}/webhooks`, { url: MARK, events: ['message.created'] }, remove(`${room}/webhooks`)),
    'webhooks_create events[]': create(`${room}/webhooks`, { url: 'https://hostile.invalid/', events: [MARK] }, remove(`${room}/webhooks`)),
    'webhooks_update url': change('PATCH', `${room}/webhooks/${w.webhook}`, { url: MARK }, `${room}/webhooks`),
    'webhooks_update events[]': change('PATCH', `${room}/webhooks/${w.webhook}`, { events: [MARK] }, `${room}/webhooks`),
    'reports_create detail': { make: () => ({ method: 'POST', path: '/v1/reports', body: { room: w.room.id, user: w.other.id, reason: 'spam', detail: MARK } }) },
    'reports_update note': { ...change('PATCH', `/v1/reports/${w.report}`, { state: 'resolved', note: MARK }, '/v1/reports?state=resolved'),
      after: () => w.stack.sql(`UPDATE report SET state = 'open' WHERE id = ${w.report}`) }, // what is closed stays as it is
    'guests_create nickname': { make: () => ({ method: 'POST', path: '/v1/guests', body: { room: w.open.id, nickname: MARK } }) },
    'guests_create password': secret('POST', '/v1/guests', { room: w.open.id, nickname: 'x', password: MARK }),
    'guests_upgrade password': secret('PUT', '/v1/guests/me', { name: 'x', password: MARK }),
    'packs_create title': create('/v1/sticker-packs', { title: MARK, stickers: w.stickers }, packs),
    'packs_create stickers[].name': create('/v1/sticker-packs', { title: 'x', stickers: [{ ...w.stickers[0], name: MARK }] }, packs),
    'packs_create stickers[].emoji': create('/v1/sticker-packs', { title: 'x', stickers: [{ ...w.stickers[0], emoji: MARK }] }, packs),
    'packs_update title': change('PATCH', `/v1/sticker-packs/${w.pack}`, { title: MARK }, '/v1/sticker-packs'),
    'packs_update stickers[].name': change('PATCH', `/v1/sticker-packs/${w.pack}`, { stickers: [{ ...w.stickers[0], name: MARK }] }, '/v1/sticker-packs'),
    'packs_update stickers[].emoji': change('PATCH', `/v1/sticker-packs/${w.pack}`, { stickers: [{ ...w.stickers[0], emoji: MARK }] }, '/v1/sticker-packs'),
    'stickers_create client_id': { make: () => ({ method: 'POST', path: `/v1/rooms/${w.open.id}/stickers`, body: { client_id: MARK, pack: w.kept, sticker: 'tea' } }),
      get: ({ room: at, seq }) => `/v1/rooms/${at}/messages/${seq}` },
    'stickers_create sticker': secret('POST', `${room}/stickers`, { client_id: 'st', pack: w.kept, sticker: MARK }),
    'todos_create_room client_id': { ...secret('POST', `${room}/todos`, { client_id: MARK, text: 'x' }), ...remove(`${room}/todos`) },
    'todos_create_room text': { make: () => ({ method: 'POST', path: `${room}/todos`, body: { client_id: fresh('t'), text: MARK } }), ...remove(`${room}/todos`), ...listed(`${room}/todos`) },
    'todos_update_room text': change('PATCH', `${room}/todos/${w.todo}`, { text: MARK }, `${room}/todos`),
    'todos_create client_id': { ...secret('POST', '/v1/todos', { client_id: MARK, text: 'x' }), ...remove('/v1/todos') },
    'todos_create text': { make: () => ({ method: 'POST', path: '/v1/todos', body: { client_id: fresh('t'), text: MARK } }), ...remove('/v1/todos'), ...listed('/v1/todos') },
    'todos_update text': change('PATCH', `/v1/todos/${w.ownTodo}`, { text: MARK }, '/v1/todos'),
    'tracks_create title': create(`${room}/tracks`, { ...w.sound, title: MARK, licence: 'x' }, remove(`${room}/tracks`)),
    'tracks_create licence': create(`${room}/tracks`, { ...w.sound, title: 'x', licence: MARK }, remove(`${room}/tracks`)),
    'strokes_create client_id': create(`${room}/strokes`, { client_id: MARK, color: 'blue', width: 10, points: [[1, 2]] }, { ...remove(`${room}/strokes`), ...listed(`${room}/strokes`) }),
    'words_create_room word': create(`${room}/words`, { word: MARK, action: 'mask' }, { ...remove(`${room}/words`), ...listed(`${room}/words`) }),
    'words_create word': create('/v1/words', { word: MARK, action: 'mask' }, { ...remove('/v1/words'), ...listed('/v1/words') }),
    'users_create password': secret('POST', '/v1/users', { name: 'x', nickname: 'x', password: MARK }),
    'users_delete password': secret('DELETE', '/v1/users/me', { password: MARK, messages: 'keep' }),
    'users_set_password password': secret('PUT', '/v1/users/me/password', { password: MARK, new_password: 'correct horse battery' }),
    'users_set_password new_password': secret('PUT', '/v1/users/me/password', { password: 'wrong', new_password: MARK }),
    'sessions_create name': secret('POST', '/v1/sessions', { name: MARK, password: 'x' }),
    'sessions_create password': secret('POST', '/v1/sessions', { name: 'nobody-there', password: MARK }),
    'sessions_refresh refresh_token': secret('POST', '/v1/sessions/refresh', { refresh_token: MARK }),
    'verifications_create email': secret('POST', '/v1/email-verifications', { email: MARK }),
    'verifications_confirm code': secret('PUT', '/v1/email-verifications', { code: MARK }),
    'resets_create email': secret('POST', '/v1/password-resets', { email: MARK }),
    'resets_confirm email': secret('PUT', '/v1/password-resets', { email: MARK, code: 'x', new_password: 'correct horse battery' }),
    'resets_confirm code': secret('PUT', '/v1/password-resets', { email: 'x@x.example', code: MARK, new_password: 'correct horse battery' }),
    'resets_confirm new_password': secret('PUT', '/v1/password-resets', { email: 'x@x.example', code: 'x', new_password: MARK }),
    'realtime_auth socket_id': secret('POST', '/v1/realtime/auth', { socket_id: MARK, channel_name: 'lobby' }),
    'realtime_auth channel_name': secret('POST', '/v1/realtime/auth', { socket_id: '1.1', channel_name: MARK }),
    'realtime_auth quiet[]': secret('POST', '/v1/realtime/auth', { socket_id: '1.1', channels: ['presence-room-1'], quiet: [MARK] }),
    'realtime_auth channels[]': secret('POST', '/v1/realtime/auth', { socket_id: '1.1', channels: [MARK] }),
    'realtime_user_auth socket_id': secret('POST', '/v1/realtime/user-auth', { socket_id: MARK }),
  };
}

// Those of the description that take any text: "operation field". A pattern or an enumeration takes only what it says.
function described() {
  const { document: doc } = contract();
  const found = (schema) => (schema?.$ref ? schema.$ref.split('/').slice(1).reduce((at, key) => at[key], doc) : schema ?? {});
  const fields = [];
  const walk = (given, operation, path) => {
    const schema = found(given);
    for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) walk(part, operation, path);
    if ([schema.type].flat().includes('string') && !schema.pattern && !schema.enum && !schema.format) fields.push(`${operation} ${path}`);
    if (schema.items) walk(schema.items, operation, `${path}[]`);
    for (const [name, one] of Object.entries(schema.properties ?? {})) walk(one, operation, path ? `${path}.${name}` : name);
  };
  for (const path of Object.values(doc.paths)) {
    for (const { operationId, requestBody } of Object.values(path)) {
      if (requestBody?.content?.['application/json'] && !operationId.startsWith('apps_')) walk(requestBody.content['application/json'].schema, operationId, '');
    }
  }
  return [...new Set(fields)];
}

// ---- trying

async function tryOne(w, name, field, item, sum) {
  const { method, path, body } = await field.make();
  const answer = await w.call(w.user, method, path, fill(body, item));
  const note = (what) => { sum[what]++; if (sum[what] <= 3) console.log(`${name}: ${what}: ${item.kind} ${item.json.toString().slice(0, 60)}: ${answer.status} ${answer.text.slice(0, 200)}`); };
  if (answer.status >= 500) note('5xx');
  if (answer.status === 409 && answer.body.type === '/problems/limit-reached') throw new Error(`${name}: there are as many as there may be`);
  if (answer.status >= 300) return 'refused';
  if (!field.secret) {
    const again = field.get ? await w.call(w.user, 'GET', field.get(answer.body)) : answer;
    if (item.value === undefined || !has(again.body, item.value)) note('changed');
  }
  await field.after?.();
  if (field.undo) {
    const [by, at] = field.undo(answer.body);
    await w.call(by, 'DELETE', at);
  }
  return 'taken';
}

async function tryField(w, name, field, strings, sum) {
  const taken = { taken: 0, refused: 0 };
  let next = 0;
  const alone = field.get && !field.undo && !/messages|polls|roomhooks/.test(name); // one thing that is changed again and again
  const worker = async () => {
    for (let i = next++; i < strings.length; i = next++) taken[await tryOne(w, name, field, strings[i], sum)]++;
  };
  await Promise.all(Array.from({ length: alone ? 1 : AT_ONCE }, worker));
  return taken;
}

async function build(stack) {
  await stack.sql('CREATE TRIGGER calm BEFORE UPDATE ON throttle FOR EACH ROW SET NEW.hits = 0'); // none is held up
  const [user, friend, other] = await people(stack, 3);
  const call = caller(stack);
  const ask = async (who, method, path, body) => (await call(who, method, path, body && Buffer.from(JSON.stringify(body)))).body;
  await setAdmin(stack, user);
  const room = await createRoom(stack, user);
  await joinRoom(stack, other, room);
  await ask(user, 'PUT', `/v1/friends/${friend.id}`, {});
  await ask(friend, 'PUT', `/v1/friends/${user.id}`, {});
  const w = { stack, call, user, friend, other, room, shown: [await createRoom(stack, user)] };
  w.bot = (await ask(user, 'POST', '/v1/bots', { name: fresh('bot'), nickname: 'a bot' })).id;
  w.category = (await ask(user, 'POST', '/v1/categories', { name: 'a category' })).id;
  w.notice = (await ask(user, 'POST', `/v1/rooms/${room.id}/notices`, { body: 'a notice' })).id;
  w.hook = (await ask(user, 'POST', `/v1/rooms/${room.id}/hooks`, { name: 'a hook' })).token;
  w.scheduled = (await ask(user, 'POST', `/v1/rooms/${room.id}/scheduled`, { client_id: 'later', body: 'x', send_at: new Date(Date.now() + 86400000).toISOString() })).id;
  w.webhook = (await ask(user, 'POST', `/v1/rooms/${room.id}/webhooks`, { url: 'https://hooks.example/', events: ['message.created'] })).id;
  w.report = (await ask(other, 'POST', '/v1/reports', { room: room.id, user: friend.id, reason: 'spam' })).id;
  w.open = await createRoom(stack, user, { guests: true });
  w.stickers = [{ name: 'tea', emoji: '🍵' }];
  w.pack = (await ask(user, 'POST', '/v1/sticker-packs', { title: 'drinks', stickers: w.stickers })).id;
  w.kept = (await ask(user, 'POST', '/v1/sticker-packs', { title: 'more drinks', stickers: w.stickers })).id;
  w.todo = (await ask(user, 'POST', `/v1/rooms/${room.id}/todos`, { client_id: 'todo', text: 'x' })).id;
  w.ownTodo = (await ask(user, 'POST', '/v1/todos', { client_id: 'todo', text: 'x' })).id;
  const { body: { id: file } } = await upload(stack, user, wav(200));
  const { seq: message } = await ask(user, 'POST', `/v1/rooms/${room.id}/messages`, { client_id: 'sound', attachments: [file] });
  w.sound = { message, file, duration: 1000 };
  return w;
}

// ---- showing

// Whatever is carried out on a page: dialogs, requests to elsewhere, leaving the page, what the policy of the page had to stop,
// and elements that no code of ours makes.
function watch({ page }, url) {
  const seen = [];
  page.on('dialog', (dialog) => seen.push(`dialog ${dialog.message()}`));
  page.on('request', (sent) => { if (!/^(data|blob):/.test(sent.url()) && new URL(sent.url()).host !== new URL(url).host) seen.push(`request ${sent.url()}`); });
  page.on('framenavigated', (frame) => { if (!frame.url().startsWith(url)) seen.push(`navigation ${frame.url()}`); });
  page.on('console', (message) => { if (/CSP violation|Content Security Policy/.test(message.text())) seen.push(message.text()); });
  return seen;
}

const STRANGE = 'iframe, object, embed, video, audio, marquee, math, base, link[href*=hostile], [onerror], [onload], [onfocus], a[href^="javascript" i], img[src="x"]';
const strange = ({ page }) => page.$$eval(STRANGE, (nodes) => nodes.map((node) => `element ${node.outerHTML.slice(0, 100)}`));

// The watch must see what it is there for.
async function control(browser, stack) {
  const visitor = await visit(browser, stack);
  const seen = watch(visitor, stack.url);
  await visitor.page.evaluate(() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>'); });
  await visitor.page.waitForFunction(() => document.querySelector('img[src="x"]').complete);
  await visitor.page.evaluate(() => alert(1));
  const found = [...seen, ...await strange(visitor)];
  await visitor.close();
  for (const kind of ['dialog', 'CSP', 'element']) if (!found.some((one) => one.includes(kind))) throw new Error(`the watch has not seen the ${kind}: ${found}`);
}

// Rooms with hostile titles, full of hostile messages of people with hostile names.
async function furnish(w, strings) {
  const texts = strings.filter(({ value }) => value !== undefined);
  const put = (user, method, path, body, item) => w.call(user, method, path, fill(body, item));
  for (let at = 0; at < texts.length; at += SHOWN) {
    const some = texts.slice(at, at + SHOWN);
    const made = some.find(({ value }) => value.length <= 100 && /[<"'{(]/.test(value)) ?? some[0];
    const { status, body: room } = await put(w.user, 'POST', '/v1/rooms', { kind: 'public', title: MARK, description: 'x' }, made);
    const here = status === 201 ? room : await createRoom(w.stack, w.user, { title: `room ${at}` });
    await put(w.user, 'PATCH', `/v1/rooms/${here.id}`, { description: MARK }, some[1]);
    const guest = await signUp(w.stack);
    for (const item of some) if ((await put(guest, 'PATCH', '/v1/users/me', { nickname: MARK }, item)).status === 200) break;
    await put(guest, 'PATCH', '/v1/users/me', { status_message: MARK }, some[2]);
    await joinRoom(w.stack, guest, here);
    for (const item of some) await put(guest, 'POST', `/v1/rooms/${here.id}/messages`, { client_id: fresh('s'), body: MARK }, item);
    w.shown.push(here);
  }
}

async function show(w) {
  const browser = await openBrowser();
  await control(browser, w.stack);
  const visitor = await visit(browser, w.stack);
  const seen = watch(visitor, w.stack.url);
  let bodies = 0;
  await visitor.signUp(fresh('viewer'));
  for (const room of w.shown.slice(1)) {
    await visitor.join(room.id);
    await visitor.page.waitForSelector('#log .body');
    bodies += (await visitor.bodies()).length;
    await visitor.page.mouse.move(400, 300);
    seen.push(...await strange(visitor));
  }
  await visitor.page.waitForLoadState('networkidle').catch(() => {});
  console.log(`shown: ${w.shown.length - 1} rooms, ${bodies} messages; carried out: ${seen.length}`);
  for (const one of seen.slice(0, 5)) console.log(`  ${one}`);
  await browser.close();
  if (bodies === 0) throw new Error('nothing was shown');
  return seen.length;
}

export async function hostile({ bar, env }) {
  const strings = hostileStrings().filter((_, i) => i % env('EVERY', 1) === 0);
  const stack = await startStack({ conf: { workers: 4, login_attempts: 1e6, signup_attempts: 1e6 } });
  const w = await build(stack);
  const fields = fieldsOf(w);
  const sum = { changed: 0, '5xx': 0 };
  const untried = described().filter((name) => !(name in fields));
  const closed = [];
  await furnish(w, strings);
  const executed = await show(w); // before words of the server mask what is shown
  for (const [name, field] of Object.entries(fields)) {
    const { taken, refused } = await tryField(w, name, field, strings, sum);
    console.log(`${name}: ${taken} stored as given, ${refused} refused`);
    if (!field.secret && taken < STORED_MIN / env('EVERY', 1) && !RULED.test(name)) closed.push(name);
  }
  if (untried.length > 0) console.log(`not tried: ${untried.join(', ')}`);
  if (closed.length > 0) console.log(`took hardly anything, so nothing is known of them: ${closed.join(', ')}`);
  bar('talk_hostile_strings', strings.length, 'strings', '>=500');
  bar('talk_hostile_fields_unknown', untried.length + closed.length, `of_${Object.keys(fields).length + untried.length}`, '<=0');
  bar('talk_hostile_changed', sum.changed, 'strings', '<=0');
  bar('talk_hostile_5xx', sum['5xx'], 'answers', '<=0');
  bar('talk_hostile_executed', executed, 'times', '<=0');
  await stack.stop();
}
