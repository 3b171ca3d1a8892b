// Mentions and links: what the server finds in a text, and whom it keeps for whom.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed, until } from '../harness.mjs';
import { assertInvalid, assertOk, assertProblem, createRoom, joinRoom, people, putIntoGroup } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const [host, ann, bob, stranger] = await people(stack, 4);
const path = (room, seq = '') => `/v1/rooms/${room.id}/messages${seq && `/${seq}`}`;
const post = async (user, room, message) => assertOk(await api(stack, user).post(path(room), { client_id: `m${Math.random()}`, ...message }), 201);
const rename = async (user, nickname) => assertOk(await api(stack, user).patch('/v1/users/me', { nickname }), 200);
const rows = async (room, seq) => (await stack.sql(`SELECT user FROM mention WHERE room = ${room.id} AND seq = ${seq} ORDER BY user`)).map(([id]) => Number(id));
const parts = ({ body, entities = [] }) => entities.map(({ type, offset, length, ...rest }) => [type, body.slice(offset, offset + length), ...Object.values(rest)]);
const said = async (user, room, body, more = {}) => parts(await post(user, room, { body, ...more }));

async function roomOfThree() {
  const room = await createRoom(stack, host);
  await joinRoom(stack, ann, room);
  await joinRoom(stack, bob, room);
  return room;
}

test('a member is mentioned by name and by nickname, also with a particle after it', async () => {
  const room = await roomOfThree();
  await rename(ann, '민아');
  await rename(bob, '민아 킴 🙂');
  const asAnn = (text) => ['mention', text, ann.id];
  const asBob = (text) => ['mention', text, bob.id];
  assert.deepEqual(await said(host, room, `hi @${ann.name}, @${bob.name}!`), [asAnn(`@${ann.name}`), asBob(`@${bob.name}`)]);
  assert.deepEqual(await said(host, room, `@${ann.name.toUpperCase()}`), [asAnn(`@${ann.name.toUpperCase()}`)]);
  assert.deepEqual(await said(host, room, '🙂 @민아야 안녕'), [asAnn('@민아')]);
  assert.deepEqual(await said(host, room, '안녕@민아 킴 🙂님'), [asBob('@민아 킴 🙂')]);
  assert.deepEqual(await said(host, room, '@민아 킴'), [asAnn('@민아')]);
  assert.deepEqual(await said(host, room, '@민아 킴 🙃'), [asAnn('@민아')], 'another emoji is another name');
  for (const text of [`@${ann.name}x`, `a@${ann.name}`, '@', '@@', `@ ${ann.name}`, `@${stranger.name}`, '@nobody', `@\n${ann.name}`]) {
    assert.deepEqual(await said(host, room, text), [], text);
  }
});

test('a nickname of two members means none of them', async () => {
  const room = await roomOfThree();
  await rename(ann, '하나');
  await rename(bob, '하나');
  assert.deepEqual(await said(host, room, '@하나'), []);
  await rename(bob, '둘');
  assert.deepEqual(await said(host, room, '@하나 @둘'), [['mention', '@하나', ann.id], ['mention', '@둘', bob.id]]);
});

test('a message names in its rows who was mentioned, but not its sender nor who blocks the sender', async () => {
  const room = await roomOfThree();
  const { seq } = await post(host, room, { body: `@${ann.name} @${bob.name} @${host.name} @${ann.name}` });
  assert.deepEqual(await rows(room, seq), [ann.id, bob.id].sort((a, b) => a - b));
  assertOk(await api(stack, ann).put(`/v1/blocks/${host.id}`), 201);
  const message = await post(host, room, { body: `@${ann.name}` });
  assert.deepEqual(parts(message), [['mention', `@${ann.name}`, ann.id]]);
  assert.deepEqual(await rows(room, message.seq), []);
  assertOk(await api(stack, ann).del(`/v1/blocks/${host.id}`), 204);
});

test('@all is for the host and moderators, in groups for all', async () => {
  const room = await roomOfThree();
  const { seq, ...message } = await post(host, room, { body: 'look, @all' });
  assert.deepEqual(parts(message), [['mention_all', '@all']]);
  assert.deepEqual(await rows(room, seq), [0]);
  assert.deepEqual(await said(ann, room, '@all'), []);
  assertOk(await api(stack, host).patch(`/v1/rooms/${room.id}/members/${ann.id}`, { role: 'moderator' }), 200);
  assert.deepEqual(await said(ann, room, '@All!'), [['mention_all', '@All']]);
  assert.deepEqual(await said(ann, room, '@allow @alle'), []);
  const group = await createRoom(stack, host, { kind: 'group' });
  await putIntoGroup(stack, ann, group);
  assert.deepEqual(await said(ann, group, '@all 여러분'), [['mention_all', '@all']]);
});

test('fifty signs are looked at, and a text of nothing but signs is one', async () => {
  const room = await roomOfThree();
  assert.equal((await said(host, room, `@${ann.name} `.repeat(60))).length, 50);
  assert.deepEqual(await said(host, room, '@'.repeat(4000)), []);
  assert.deepEqual(await said(host, room, '@🙂'.repeat(2000)), []);
  assert.deepEqual(await said(host, room, `${'@"\\<>%'.repeat(600)}`), []);
});

test('links are found, and only those to the web', async () => {
  const room = await roomOfThree();
  const url = 'https://maru.example/길?q=@x#y';
  assert.deepEqual(await said(host, room, `보세요 ${url}.`), [['link', url, url]]);
  assert.deepEqual(await said(host, room, 'javascript:alert(1) data:text/html,x file:///etc/passwd'), []);
  assert.deepEqual(await said(host, room, `https://x.example/@${ann.name}`), [['link', `https://x.example/@${ann.name}`, `https://x.example/@${ann.name}`]]);
});

test('Markdown becomes parts, and its signs go', async () => {
  const room = await roomOfThree();
  const body = `**마루**는 \`@${ann.name}\` [여기](https://x.example) @${bob.name}`;
  const inside = await subscribed(await client(stack, bob), `presence-room-${room.id}`);
  const told = eventOn(inside, 'message.created');
  const message = await post(host, room, { body, format: 'markdown' });
  assert.equal(message.body, `마루는 @${ann.name} 여기 @${bob.name}`);
  assert.deepEqual(parts(message), [['bold', '마루'], ['code', `@${ann.name}`], ['link', '여기', 'https://x.example'], ['mention', `@${bob.name}`, bob.id]]);
  assert.deepEqual(await told, message);
  assert.deepEqual(assertOk(await api(stack, bob).get(path(room, message.seq)), 200), message);
  assert.deepEqual(await said(host, room, '```js\n1 < 2\n```\n> 인용', { format: 'markdown' }), [['pre', '1 < 2', 'js'], ['quote', '인용']]);
  assert.deepEqual(await said(host, room, '**as it is**'), []);
  assertInvalid(await api(stack, host).post(path(room), { client_id: 'x', body: 'x', format: 'html' }), 'format');
  assertInvalid(await api(stack, host).patch(path(room, message.seq), { body: 'x', format: 'html' }), 'format');
});

test('sent again it is the same message with the same parts, whoever has come or gone', async () => {
  const room = await roomOfThree();
  const again = { client_id: 'again', body: `**@${ann.name}**`, format: 'markdown' };
  const first = await post(host, room, again);
  assertOk(await api(stack, ann).del(`/v1/rooms/${room.id}/members/me`), 204);
  assert.deepEqual(await post(host, room, again), first);
  assert.deepEqual(await rows(room, first.seq), [ann.id]);
  assertProblem(await api(stack, host).post(path(room), { ...again, format: undefined }), 'client-id-reused');
});

test('a change finds the parts anew, and keeps the rows of who was mentioned before', async () => {
  const room = await roomOfThree();
  const { seq } = await post(host, room, { body: `@${ann.name}` });
  const times = () => stack.sql(`SELECT user, created_at FROM mention WHERE room = ${room.id} AND seq = ${seq} ORDER BY user`);
  const [[, time]] = await times();
  const change = async (message) => assertOk(await api(stack, host).patch(path(room, seq), message), 200);
  assert.deepEqual(parts(await change({ body: `*@${ann.name}* @${bob.name}`, format: 'markdown' })),
    [['italic', `@${ann.name}`], ['mention', `@${ann.name}`, ann.id], ['mention', `@${bob.name}`, bob.id]]);
  assert.deepEqual(await rows(room, seq), [ann.id, bob.id].sort((a, b) => a - b));
  assert.equal((await times()).find(([id]) => Number(id) === ann.id)[1], time);
  const { rev } = await change({ body: `@${bob.name}` });
  assert.deepEqual(await rows(room, seq), [bob.id]);
  assert.equal((await change({ body: `@${bob.name}` })).rev, rev, 'nothing happened');
  assert.equal((await change({ body: `**@${bob.name}**`, format: 'markdown' })).rev, rev + 1, 'only how it looks');
  assert.equal((await change({ body: 'nobody' })).entities, undefined);
  assert.deepEqual(await rows(room, seq), []);
});

test('masked words take stars, and signs do not hide them', async () => {
  const room = await roomOfThree();
  for (const [word, action] of [['바보', 'mask'], ['evil', 'refuse'], ['𝕏', 'mask']]) {
    assertOk(await api(stack, host).post(`/v1/rooms/${room.id}/words`, { word, action }), 201);
  }
  const send = (body) => api(stack, ann).post(path(room), { client_id: `m${Math.random()}`, body, format: 'markdown' });
  let sent;
  await until(async () => { // another worker hears of it within two seconds
    sent = await send(`바**보** *기울임* @${bob.name}`);
    return sent.status === 201 && sent.body.body.startsWith('**');
  }, 10000, 'stars');
  assert.deepEqual(parts(sent.body), [['bold', '*'], ['italic', '기울임'], ['mention', `@${bob.name}`, bob.id]]);
  await until(async () => (await send('e**v**il')).status === 422, 10000, 'a refusal');
  await until(async () => (await send('[here](https://evil.example)')).status === 422, 10000, 'a refusal');
});

test('what is deleted mentions nobody', async () => {
  const room = await roomOfThree();
  const count = async () => Number((await stack.sql(`SELECT COUNT(*) FROM mention WHERE room = ${room.id}`))[0][0]);
  const { seq } = await post(host, room, { body: `@${ann.name} @all` });
  assert.equal(await count(), 2);
  assertOk(await api(stack, host).del(path(room, seq)), 204);
  assert.equal(await count(), 0);
  assert.equal(assertOk(await api(stack, ann).get(path(room, seq)), 200).entities, undefined);
  for (let i = 0; i < 3; i++) await post(ann, room, { body: `@${bob.name}` });
  assertOk(await api(stack, host).post(`/v1/rooms/${room.id}/purges`, { user: ann.id }), 200);
  assert.equal(await count(), 0);
  await post(ann, room, { body: `@${bob.name}` });
  assertOk(await api(stack, host).del(`/v1/rooms/${room.id}`), 204);
  await until(async () => await count() === 0, 10000, 'the rows of a deleted room to go');
});

test('who has no account any more is not mentioned', async () => {
  const room = await roomOfThree();
  const [gone] = await people(stack, 1);
  await joinRoom(stack, gone, room);
  await post(host, room, { body: `@${gone.name}` });
  assertOk(await api(stack, gone).call('DELETE', '/v1/users/me', { password: gone.password, messages: 'keep' }), 204);
  await until(async () => Number((await stack.sql(`SELECT COUNT(*) FROM mention WHERE user = ${gone.id}`))[0][0]) === 0, 10000, 'the rows of an erased account to go');
  assert.deepEqual(await said(host, room, `@${gone.name}`), []);
});

test('a stranger learns nothing by mentioning', async () => {
  const room = await roomOfThree();
  assertProblem(await api(stack, stranger).post(path(room), { client_id: 'x', body: `@${ann.name} @all` }), 'not-member');
  assert.deepEqual(await stack.sql(`SELECT COUNT(*) FROM mention WHERE room = ${room.id}`), [['0']]);
});
