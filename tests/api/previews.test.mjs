// Previews of links: what pages say about themselves comes with the message, and nothing of what they should not be asked.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after } from 'node:test';
import { api, until } from '../harness.mjs';
import { assertOk, assertProblem, createRoom, joinRoom, people, say } from './check.mjs';
import { channelOf, listen } from './listener.mjs';
import { Elsewhere, HOOKS, OPEN } from './targets.mjs';

const stack = await new Elsewhere({ conf: { ...HOOKS, link_previews: 'on' } }).up();
const [ann, bob, eve] = await people(stack, 3);
const room = await createRoom(stack, ann);
await joinRoom(stack, bob, room);

const HTML = { 'Content-Type': 'text/html; charset=utf-8' };
const pages = new Map();
const asked = [];
const server = createServer((req, res) => {
  asked.push({ path: req.url, headers: req.headers });
  const page = pages.get(req.url.split('?')[0]);
  if (typeof page === 'function') page(res, req);
  else {
    res.writeHead(page ? 200 : 404, page?.headers ?? HTML);
    res.end(page?.body ?? '<title>Not found</title>');
  }
});
await new Promise((resolve) => { server.listen(0, OPEN, resolve); });
const site = `http://${OPEN}:${server.address().port}`;
after(async () => {
  await stack.stop();
  server.closeAllConnections();
  server.close();
});

let last = 0;
// The address of a new page.
function page(body, headers = HTML) {
  const path = `/page${++last}`;
  pages.set(path, typeof body === 'function' ? body : { body, headers });
  return site + path;
}
const read = async (seq, user = ann) => assertOk(await api(stack, user).get(`/v1/rooms/${room.id}/messages/${seq}`), 200);
const settled = () => until(async () => (await stack.sql('SELECT COUNT(*) FROM preview_job'))[0][0] === '0', 30000, 'no links to be left');
async function previewsOf(body) {
  const { seq } = assertOk(await say(stack, ann, room, body), 201);
  await settled();
  return { seq, previews: (await read(seq)).previews };
}
const titled = (title) => page(`<title>${title}</title>`);

test('a link gets a preview, which the room hears of', async () => {
  const ear = await listen(stack, bob, channelOf(room));
  const url = page(`<html><head><title>Plain</title><meta property="og:title" content="Tea &amp; rice"><meta property="og:description" content=" of\n Korea ">
    <meta property="og:site_name" content="마루"><meta property="og:image" content="https://x.example/a.png"></head><body>`);
  const { seq } = assertOk(await say(stack, ann, room, `look: ${url}`), 201);
  await settled();
  const message = await read(seq);
  assert.deepEqual(message.previews, [{ url, title: 'Tea & rice', description: 'of Korea', site_name: '마루', image: 'https://x.example/a.png' }]);
  assert.equal(message.edited_at, undefined);
  await ear.until(2);
  const event = ear.heard().find(({ type }) => type === 'message.updated');
  assert.deepEqual(event.data, { room: room.id, message, seq: message.rev, mid: event.data.mid });
  const { headers } = asked.at(-1);
  assert.deepEqual([headers.cookie, headers.authorization, headers.referer], [undefined, undefined, undefined]);
  assert.match(headers['user-agent'], /^Maru\//);
  await ear.close();
});

test('titles in the encodings of Korea, and of pages that do not say theirs', async () => {
  const bytes = Buffer.concat([Buffer.from('<title>'), Buffer.from([0xb8, 0xb6, 0xb7, 0xe7]), Buffer.from('</title>')]);
  const title = async (url) => (await previewsOf(url)).previews?.[0].title;
  assert.equal(await title(page(bytes, { 'Content-Type': 'text/html; charset=EUC-KR' })), '마루');
  assert.equal(await title(page(Buffer.concat([Buffer.from('<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">'), bytes]), { 'Content-Type': 'text/html' })), '마루');
  assert.equal(await title(page(Buffer.concat([Buffer.from('<meta charset="cp949">'), bytes]), { 'Content-Type': 'text/html' })), '마루');
  assert.equal(await title(page(bytes, { 'Content-Type': 'text/html' })), '마루');
  assert.equal(await title(page('<title>마루</title>', { 'Content-Type': 'text/html' })), '마루');
  assert.equal(await title(page('<title>마루</title>', { 'Content-Type': 'text/html; charset=nonsense' })), '마루');
});

test('broken, huge and hostile pages', async () => {
  const first = async (body, headers) => (await previewsOf(page(body, headers))).previews?.[0];
  assert.equal((await first('<p><title>open</p><meta name=description content=unquoted>')).title, 'open');
  assert.equal((await first(`<title>${'x'.repeat(3000)}</title>`)).title.length, 200);
  assert.equal((await first('<title>&lt;script>alert(1)&lt;/script></title>')).title, '<script>alert(1)</script>');
  for (const image of ['javascript:alert(1)', 'http://x.example/a', '/relative', 'https://a:b@x.example/', 'data:image/png;base64,xxxx'])
    assert.equal((await first(`<title>t</title><meta property="og:image" content="${image}">`)).image, undefined);
  assert.equal(await first('<title> \n </title>'), undefined);
  assert.equal(await first(''), undefined);
  assert.equal(await first('{"title": "x"}', { 'Content-Type': 'application/json' }), undefined);
  assert.equal(await first('<div>'.repeat(100000)), undefined);
  const endless = (res) => {
    res.writeHead(200, HTML);
    res.write('<title>without end</title>');
    const timer = setInterval(() => res.write(' '.repeat(65536)), 1);
    res.on('close', () => clearInterval(timer));
  };
  assert.equal((await first(endless)).title, 'without end');
});

test('redirects are followed three times', async () => {
  const to = (target) => page((res) => { res.writeHead(302, { Location: target }); res.end(); });
  const end = titled('the end');
  assert.equal((await previewsOf(to(to(to(end))))).previews[0].title, 'the end');
  assert.equal((await previewsOf(to(to(to(to(titled('too far'))))))).previews, undefined);
  assert.equal((await previewsOf(to('file:///etc/passwd'))).previews, undefined);
});

test('at most three links of a message, each once, and a page is asked once a day', async () => {
  const urls = Array.from({ length: 4 }, (_, i) => titled(`number ${i}`));
  const { previews } = await previewsOf(`${urls[0]} ${urls.join(' ')}`);
  assert.deepEqual(previews.map(({ title }) => title), ['number 0', 'number 1', 'number 2']);
  const before = asked.length;
  await previewsOf(`${urls[1]} again`);
  assert.equal(asked.length, before);
  assert.equal((await previewsOf(`${titled('한글 주소')}?q=한글`)).previews[0].title, '한글 주소');
  assert.match(asked.at(-1).path, /\?q=%ED%95%9C%EA%B8%80$/);
});

test('an edited message has the previews of the links that it then has', async () => {
  const [one, two] = [titled('one'), titled('two')];
  const { seq } = await previewsOf(`${one} ${two}`);
  const edit = (body) => api(stack, ann).patch(`/v1/rooms/${room.id}/messages/${seq}`, { body });
  assertOk(await edit(`only ${two}`), 200);
  await settled();
  assert.deepEqual((await read(seq)).previews.map(({ title }) => title), ['two']);
  assert.equal(assertOk(await edit('none'), 200).previews, undefined);
  await settled();
  assert.equal((await read(seq)).previews, undefined);
  assertOk(await edit(one), 200);
  assertOk(await api(stack, ann).del(`/v1/rooms/${room.id}/messages/${seq}`), 204);
  await settled();
  assert.equal((await read(seq)).previews, undefined);
});

test('the sender and moderators take previews off, nobody else does, and they do not come back', async () => {
  const { seq } = await previewsOf(titled('mine'));
  const path = `/v1/rooms/${room.id}/messages/${seq}/previews`;
  assertProblem(await api(stack, bob).del(path), 'forbidden');
  assertProblem(await api(stack, eve).del(path), 'not-member');
  assert.equal((await read(seq)).previews.length, 1);
  assertOk(await api(stack, ann).del(path), 204);
  const now = await read(seq);
  assert.equal(now.previews, undefined);
  assertOk(await api(stack, ann).del(path), 204);
  assert.equal((await read(seq)).rev, now.rev, 'nothing happened the second time');
  let answer;
  const slow = page((res) => { answer = () => { res.writeHead(200, HTML); res.end('<title>too late</title>'); }; });
  const { seq: later } = assertOk(await say(stack, bob, room, slow), 201);
  await until(() => answer, 20000);
  assertOk(await api(stack, ann).del(`/v1/rooms/${room.id}/messages/${later}/previews`), 204); // the host
  answer();
  await previewsOf(titled('after it'));
  assert.equal((await read(later)).previews, undefined);
  assertProblem(await api(stack, ann).del(`/v1/rooms/${room.id}/messages/999999/previews`), 'not-found');
});

test('a slow page holds up its own message alone', async () => {
  const held = [];
  const { seq } = assertOk(await say(stack, ann, room, page((res) => held.push(res))), 201);
  await until(() => held.length > 0, 20000);
  const { seq: quick } = assertOk(await say(stack, ann, room, titled('quick')), 201);
  await until(async () => (await read(quick)).previews, 20000);
  assert.equal((await read(seq)).previews, undefined);
  await settled();
});
