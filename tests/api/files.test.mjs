// Files: taken, sent, shown as avatars and covers, and gone with the last that refers to them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { api, client, eventOn, freshName, signUp, startStack, subscribed, until } from '../harness.mjs';
import { download, png, upload } from './filekit.mjs';

let stack;
let ann;
let bob;
let eve; // is in no room of theirs
let room;

const at = (user) => api(stack, user);
const createRoom = async (who, kind = 'public') => (await at(who).post('/v1/rooms', { title: freshName('room'), kind })).body.id;
const join_ = (who, where) => at(who).put(`/v1/rooms/${where}/members/me`, {});
const send = (who, where, attachments, body) => at(who).post(`/v1/rooms/${where}/messages`, { client_id: freshName('m'), attachments, ...(body ? { body } : {}) });
const statusOf = async (who, url) => (await download(stack, who, url)).status;
const value = async (sql) => (await stack.sql(sql))[0]?.[0] ?? '';
const objectOf = (id) => value(`SELECT object FROM file WHERE id = ${id}`);
const onDisk = (object) => existsSync(join(stack.dir, 'files/store', object.slice(0, 2), object));

async function isGone(id, object) {
  await until(async () => (await objectOf(id)) === '', 15000, `the row of file ${id} to go`);
  assert.equal(onDisk(object), false, 'the bytes stayed');
}

before(async () => {
  stack = await startStack({ conf: { files_document_max: 3000000 } });
  [ann, bob, eve] = await Promise.all([signUp(stack), signUp(stack), signUp(stack)]);
  room = await createRoom(ann, 'group');
  await stack.sql(`INSERT INTO member (room, user, joined_at) VALUES (${room}, ${bob.id}, UTC_TIMESTAMP(3))`);
});

test('a document is taken as it is, and always downloaded', async () => {
  const bytes = Buffer.from('<script>alert(1)</script>'.repeat(4000));
  const { status, body } = await upload(stack, ann, bytes, { type: 'text/html', name: '보고서 (최종).html' });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(body, { id: body.id, kind: 'document', name: '보고서 (최종).html', type: 'application/octet-stream', bytes: bytes.length, url: `/v1/files/${body.id}` });
  const got = await download(stack, ann, body.url);
  assert.equal(got.status, 200);
  assert.deepEqual(got.bytes, bytes);
  assert.equal(got.headers.get('content-type'), 'application/octet-stream');
  assert.match(got.headers.get('content-disposition'), /^attachment; .*filename\*=UTF-8''%EB%B3%B4%EA%B3%A0%EC%84%9C/);
});

test('a form is taken as browsers send it', async () => {
  const form = new FormData();
  form.append('caption', 'not a file');
  form.append('file', new Blob([Buffer.alloc(200000, 7)]), 'C:\\사진\\"a".bin');
  const answer = await fetch(`${stack.url}/v1/files`, { method: 'POST', body: form, headers: { Authorization: `Bearer ${ann.token}` } });
  const body = await answer.json();
  assert.equal(answer.status, 201, JSON.stringify(body));
  assert.equal(body.name, '"a".bin');
  assert.deepEqual((await download(stack, ann, body.url)).bytes, Buffer.alloc(200000, 7));
});

test('a message has its files, for its room alone', async () => {
  const pusher = await client(stack, bob);
  const heard = eventOn(await subscribed(pusher, `presence-room-${room}`), 'message.created');
  const { body: file } = await upload(stack, ann, Buffer.from('one'), { name: 'a.txt' });
  assert.equal(await statusOf(bob, file.url), 404, 'before it is sent');
  const { status, body: message } = await send(ann, room, [file.id], 'look');
  assert.equal(status, 201);
  assert.deepEqual(message.content, { attachments: [file] });
  assert.deepEqual((await heard).content, message.content);
  const { body: page } = await at(bob).get(`/v1/rooms/${room}/messages`);
  assert.deepEqual(page.messages.at(-1).content, message.content);
  assert.equal(await statusOf(bob, file.url), 200);
  assert.equal(await statusOf(eve, file.url), 404, 'a stranger');
  assert.equal((await download(stack, undefined, file.url)).status, 401);
  await stack.sql(`DELETE FROM member WHERE room = ${room} AND user = ${bob.id}`);
  assert.equal(await statusOf(bob, file.url), 404, 'an ex-member');
  await stack.sql(`INSERT INTO member (room, user, joined_at, visible_from) VALUES (${room}, ${bob.id}, UTC_TIMESTAMP(3), ${message.seq})`);
  assert.equal(await statusOf(bob, file.url), 404, 'from before they came');
  await stack.sql(`UPDATE member SET visible_from = 0 WHERE room = ${room} AND user = ${bob.id}`);
});

test('what is no file of the asker is not sent', async () => {
  const { body: file } = await upload(stack, ann, Buffer.from('mine'));
  for (const [who, attachments] of [[bob, [file.id]], [ann, [file.id, file.id]], [ann, [9999999]], [ann, Array.from({ length: 11 }, (_, i) => i + 1)]]) {
    const { status, body } = await send(who, room, attachments);
    assert.equal(status, 422, JSON.stringify(attachments));
    assert.equal(body.errors?.[0]?.field ?? body.problems?.[0]?.field ?? 'attachments', 'attachments');
  }
  assert.equal((await send(ann, room, [])).status, 422, 'nothing at all');
  const again = { client_id: freshName('m'), attachments: [file.id] };
  const [first, second] = [await at(ann).post(`/v1/rooms/${room}/messages`, again), await at(ann).post(`/v1/rooms/${room}/messages`, again)];
  assert.equal(first.status, 201);
  assert.deepEqual(second.body, first.body);
  assert.equal((await at(ann).del(`/v1/files/${file.id}`)).status, 409);
});

test('with its message a file is gone, for everybody at once and then from the disk', async () => {
  const { body: file } = await upload(stack, ann, Buffer.from('secret'));
  const { body: message } = await send(ann, room, [file.id]);
  const object = await objectOf(file.id);
  assert.equal(onDisk(object), true);
  assert.equal((await at(ann).del(`/v1/rooms/${room}/messages/${message.seq}`)).status, 204);
  assert.equal(await statusOf(bob, file.url), 404);
  await isGone(file.id, object);
  assert.equal(await statusOf(ann, file.url), 404);
});

test('a file that was forwarded lives as long as one of its messages', async () => {
  const other = await createRoom(bob);
  const { body: file } = await upload(stack, ann, Buffer.from('both'));
  const { body: message } = await send(ann, room, [file.id]);
  const { body: { results } } = await at(bob).post(`/v1/rooms/${room}/messages/${message.seq}/forward`, { client_id: freshName('f'), rooms: [other] });
  assert.equal(results[0].status, 201);
  assert.deepEqual(results[0].message.content, { attachments: [file], forwarded: true });
  const object = await objectOf(file.id);
  await at(ann).del(`/v1/rooms/${room}/messages/${message.seq}`);
  await until(async () => await value(`SELECT loose_at IS NULL FROM file WHERE id = ${file.id}`) === '1', 10000, 'it to be looked at');
  assert.equal(await statusOf(bob, file.url), 200);
  assert.equal((await at(bob).del(`/v1/rooms/${other}`)).status, 204);
  assert.equal(await statusOf(bob, file.url), 404);
  await isGone(file.id, object);
});

test('an export names the files, without their bytes', async () => {
  const where = await createRoom(ann);
  const { body: file } = await upload(stack, ann, Buffer.from('x'), { name: '계획.txt' });
  const { body: picture } = await upload(stack, ann, png(9, 9), { type: 'image/png', name: 'a.png' });
  await send(ann, where, [file.id, picture.id], 'both');
  const { body: text } = await at(ann).get(`/v1/rooms/${where}/export?format=txt`);
  assert.match(text, /both\r\nFile: 계획\.txt\r\nPhoto: a\.png\r\n/);
  const { body: { items } } = await at(ann).get(`/v1/rooms/${where}/export?format=json`);
  assert.deepEqual(items.find(({ body }) => body === 'both').content.attachments.map(({ id }) => id), [file.id, picture.id]);
});

test('what nobody sends is taken back, or removed after an hour', async () => {
  const [kept, dropped, old] = await Promise.all(['kept', 'dropped', 'old'].map(async (text) => (await upload(stack, ann, Buffer.from(text))).body));
  const [droppedObject, oldObject] = [await objectOf(dropped.id), await objectOf(old.id)];
  assert.equal((await at(bob).del(`/v1/files/${dropped.id}`)).status, 404, 'of somebody else');
  assert.equal((await at(ann).del(`/v1/files/${dropped.id}`)).status, 204);
  await stack.sql(`UPDATE file SET loose_at = loose_at - INTERVAL 1 HOUR WHERE id = ${old.id}`);
  await isGone(dropped.id, droppedObject);
  await isGone(old.id, oldObject);
  assert.equal(await statusOf(ann, kept.url), 200);
});

test('what a crash left half made is removed after an hour', async () => {
  const tmp = (name) => join(stack.dir, 'files/tmp', name);
  const object = 'a'.repeat(32);
  writeFileSync(tmp(`${object}_in`), 'half');
  writeFileSync(tmp(`${object}_64`), 'young');
  utimesSync(tmp(`${object}_in`), 1e9, 1e9);
  await stack.sql(`INSERT INTO file (owner, object, kind, name, type, bytes, created_at, loose_at)
    VALUES (${ann.id}, '${object}', 'document', 'half', 'text/plain', 4, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL 61 MINUTE)`);
  await until(async () => await value(`SELECT COUNT(*) FROM file WHERE object = '${object}'`) === '0', 10000, 'the row to go');
  await until(() => !existsSync(tmp(`${object}_in`)), 70000, 'the old one to go');
});

test('an avatar is a picture of the own, seen by everybody, and gone when another comes', async () => {
  const [first, second] = await Promise.all([1, 2].map(async (n) => (await upload(stack, ann, png(300, 200, n), { type: 'image/png', name: 'me.png', use: 'avatar' })).body));
  const { body: text } = await upload(stack, ann, Buffer.from('no picture'));
  const object = await objectOf(first.id);
  assert.equal((await at(bob).put('/v1/users/me/avatar', { file: first.id })).status, 422, 'of somebody else');
  assert.equal((await at(ann).put('/v1/users/me/avatar', { file: text.id })).status, 422, 'no picture');
  const { status, body } = await at(ann).put('/v1/users/me/avatar', { file: first.id });
  assert.equal(status, 200);
  assert.equal(body.avatar, `file-${first.id}`);
  assert.equal((await at(eve).get(`/v1/files/${first.id}/thumb`)).status, 200);
  assert.equal(await statusOf(eve, `/v1/files/${first.id}/thumb?size=256`), 200);
  assert.equal((await at(ann).patch('/v1/users/me', { avatar: `file-${second.id}` })).status, 200);
  await isGone(first.id, object);
  const secondObject = await objectOf(second.id);
  assert.equal((await at(ann).del('/v1/users/me/avatar')).status, 204);
  await isGone(second.id, secondObject);
  assert.equal((await at(ann).patch('/v1/users/me', { avatar: 'file-1x' })).status, 422);
});

test('a cover is set by the host, and goes with the room', async () => {
  const where = await createRoom(ann);
  await join_(bob, where);
  const { body: file } = await upload(stack, ann, png(300, 200, 3), { type: 'image/png' });
  const { body: bobs } = await upload(stack, bob, png(10, 10, 4), { type: 'image/png' });
  assert.equal((await at(bob).put(`/v1/rooms/${where}/cover`, { file: bobs.id })).status, 403);
  const { status, body } = await at(ann).put(`/v1/rooms/${where}/cover`, { file: file.id });
  assert.equal(status, 200);
  assert.equal(body.cover, `file-${file.id}`);
  assert.equal(await statusOf(eve, file.url), 200, 'a public room is seen by everybody');
  const other = await createRoom(ann);
  assert.equal((await at(ann).put(`/v1/rooms/${other}/cover`, { file: file.id })).status, 422, 'it stands for a room already');
  const object = await objectOf(file.id);
  assert.equal((await at(ann).del(`/v1/rooms/${where}`)).status, 204);
  await isGone(file.id, object);
  const { body: another } = await upload(stack, ann, png(10, 10, 6), { type: 'image/png' });
  assert.equal((await at(ann).put(`/v1/rooms/${other}/cover`, { file: another.id })).status, 200);
  const anotherObject = await objectOf(another.id);
  assert.equal((await at(ann).del(`/v1/rooms/${other}/cover`)).body.cover, '');
  await isGone(another.id, anotherObject);
});

test('purges and erased accounts take files along', async () => {
  const zoe = await signUp(stack);
  const where = await createRoom(ann);
  await join_(zoe, where);
  const { body: sent } = await upload(stack, zoe, Buffer.from('sent'));
  const { body: face } = await upload(stack, zoe, png(20, 20, 5), { type: 'image/png' });
  await send(zoe, where, [sent.id]);
  await at(zoe).put('/v1/users/me/avatar', { file: face.id });
  const objects = [await objectOf(sent.id), await objectOf(face.id)];
  assert.equal((await at(ann).post(`/v1/rooms/${where}/purges`, { user: zoe.id })).status < 300, true);
  await isGone(sent.id, objects[0]);
  assert.equal((await at(zoe).call('DELETE', '/v1/users/me', { password: zoe.password, messages: 'keep' })).status < 300, true);
  await isGone(face.id, objects[1]);
});

test('what is no picture is refused as one, and nothing is left of it', async () => {
  const left = () => readdirSync(join(stack.dir, 'files/tmp')).filter((name) => /^[0-9a-f]{32}_in$/.test(name) && !name.startsWith('aaaa'));
  for (const [type, bytes] of [['image/png', '<svg xmlns="http://www.w3.org/2000/svg"/>'], ['image/svg+xml', '<svg/>'], ['image/jpeg', 'hello']]) {
    const { status, body } = await upload(stack, ann, Buffer.from(bytes), { type });
    assert.equal(status, 422, type);
    assert.equal(body.type, '/problems/bad-file');
  }
  assert.equal((await upload(stack, ann, Buffer.alloc(0))).status, 400);
  assert.deepEqual(left(), []);
});

test('who has it already is told so, and what is no size or use is refused', async () => {
  const { body: file } = await upload(stack, ann, png(700, 500, 8), { type: 'image/png' });
  for (const url of [file.url, file.thumbnail]) {
    const first = await at(ann).get(url);
    assert.equal(first.status, 200);
    assert.equal((await at(ann).get(url, { 'If-None-Match': first.headers.get('etag') })).status, 304);
    assert.equal((await at(ann).get(url, { 'If-None-Match': '"other"' })).status, 200);
  }
  assert.equal((await at(ann).get(`/v1/files/${file.id}/thumb?size=65`)).status, 422);
  assert.equal((await at(ann).post('/v1/files?use=hat', Buffer.from('x'), { 'Content-Type': 'image/png' })).status, 422);
});

test('limits are named', async () => {
  const { status, body } = await upload(stack, ann, Buffer.alloc(3000001));
  assert.equal(status, 413);
  assert.match(body.detail, /3000000 bytes/);
});

test('what a person, and a room, may have in all is limited', async () => {
  const small = await startStack({ conf: { files_user_max: 100000, files_room_max: 60000 } });
  const zoe = await signUp(small);
  const { body: { id: where } } = await api(small, zoe).post('/v1/rooms', { title: 'small', kind: 'public' });
  const [first, second] = await Promise.all([1, 2].map(async () => (await upload(small, zoe, Buffer.alloc(40000))).body));
  const third = await upload(small, zoe, Buffer.alloc(40000));
  assert.equal(third.status, 413);
  assert.match(third.body.detail, /one person's files.* 100000 bytes/);
  const say = (id) => api(small, zoe).post(`/v1/rooms/${where}/messages`, { client_id: freshName('m'), attachments: [id] });
  assert.equal((await say(first.id)).status, 201);
  const refused = await say(second.id);
  assert.equal(refused.status, 413);
  assert.match(refused.body.detail, /in a room.* 60000 bytes/);
  await small.stop();
});

test('without room on the disk there are no files, and everything else goes on', async () => {
  const full = await startStack({ conf: { files_free: 1000000000 } });
  const zoe = await signUp(full);
  const { status, body } = await upload(full, zoe, Buffer.from('x'));
  assert.equal(status, 507);
  assert.equal(body.type, '/problems/storage-full');
  const tus = { 'Tus-Resumable': '1.0.0' };
  assert.equal((await api(full, zoe).post('/v1/uploads', undefined, { ...tus, 'Upload-Length': '5' })).status, 507);
  const [[begun]] = await full.sql(`INSERT INTO upload (owner, object, name, type, bytes, expires_at)
    VALUES (${zoe.id}, '${'b'.repeat(32)}', 'x', '', 5, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR); SELECT LAST_INSERT_ID()`);
  const piece = await api(full, zoe).patch(`/v1/uploads/${begun}`, Buffer.from('hello'), { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' });
  assert.equal(piece.status, 507);
  const { body: { id: where } } = await api(full, zoe).post('/v1/rooms', { title: 'full', kind: 'public' });
  assert.equal((await api(full, zoe).post(`/v1/rooms/${where}/messages`, { client_id: 'x', body: 'still here' })).status, 201);
  await full.stop();
});
