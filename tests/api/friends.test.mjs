// /v1/friends: requests, friendships, and what those who are refused get to know.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { api, client, eventOn, startStack, subscribed } from '../harness.mjs';
import { MID, TIME, assertInvalid, assertOk, assertProblem, people } from './check.mjs';

const stack = await startStack({ conf: { login_attempts: 1000, workers: 4 } });
after(() => stack.stop());

const of = (user) => api(stack, user);
const ask = (user, other, body) => of(user).put(`/v1/friends/${other.id ?? other}`, body);
const end = (user, other) => of(user).del(`/v1/friends/${other.id ?? other}`);
const list = async (user, state) => assertOk(await of(user).get(`/v1/friends${state ? `?state=${state}` : ''}`), 200).friends;
const lists = async (user) => Object.fromEntries(await Promise.all(['friend', 'sent', 'received']
  .map(async (state) => [state, (await list(user, state)).map(({ id }) => id)])));
const events = async (user, after = 0) => assertOk(await of(user).get(`/v1/users/me/events?limit=1000&after=${after}`), 200).events;
const types = async (user) => (await events(user)).map(({ type }) => type);
const place = ({ seq, mid, ...data }) => {
  assert.match(mid, MID);
  return data;
};
const personal = async (user) => subscribed(await client(stack, user), `private-user-${user.id}`);
const block = (user, other) => stack.sql(`INSERT INTO block VALUES (${user.id}, ${other.id}, UTC_TIMESTAMP(3))`);
const unblock = (user, other) => stack.sql(`DELETE FROM block WHERE user = ${user.id} AND other = ${other.id}`);

async function friends(n = 2) {
  const all = await people(stack, n);
  for (const other of all.slice(1)) {
    assertOk(await ask(all[0], other), 201);
    assertOk(await ask(other, all[0]), 200);
  }
  return all;
}

// The row as the other one is seen, without its time.
const rowOf = (user, state) => ({
  id: user.id, name: user.name, nickname: user.nickname, avatar: user.avatar, status_message: user.status_message,
  state, favorite: false, alias: '',
});
const timeless = ({ created_at: time, ...row }) => {
  assert.match(time, TIME);
  return row;
};

// What events make of lists that were empty at the beginning.
const replay = (log) => {
  const rows = new Map();
  for (const { type, data } of log) {
    if (type === 'friend.removed') rows.delete(data.id);
    else if (type.startsWith('friend.')) rows.set(data.id, place(data));
  }
  return [...rows.values()].sort((a, b) => a.id - b.id);
};
const assertReplayed = async (user) => {
  const all = (await Promise.all(['friend', 'sent', 'received'].map((state) => list(user, state)))).flat();
  assert.deepEqual(replay(await events(user)), all.sort((a, b) => a.id - b.id));
};

test('a request is shown to both, told to the other, and accepted by asking back', async () => {
  const [ann, bob] = await people(stack, 2);
  const [anns, bobs] = [await personal(ann), await personal(bob)];
  let told = [eventOn(anns, 'friend.updated'), eventOn(bobs, 'friend.requested')];
  const sent = assertOk(await ask(ann, bob), 201);
  assert.deepEqual(timeless(sent), rowOf(bob, 'sent'));
  let [own, others] = await Promise.all(told);
  assert.deepEqual(place(own), sent);
  assert.deepEqual(timeless(place(others)), rowOf(ann, 'received'));
  assert.deepEqual([await list(ann, 'sent'), await list(bob, 'received')], [[sent], [place(others)]]);
  assert.deepEqual([await list(ann), await list(bob), await list(ann, 'received'), await list(bob, 'sent')], [[], [], [], []]);

  told = [eventOn(anns, 'friend.added'), eventOn(bobs, 'friend.added')];
  const accepted = assertOk(await ask(bob, ann, {}), 200);
  assert.deepEqual(timeless(accepted), rowOf(ann, 'friend'));
  [own, others] = await Promise.all(told);
  assert.deepEqual([place(others), timeless(place(own))], [accepted, rowOf(bob, 'friend')]);
  assert.deepEqual([await list(ann), await list(bob)], [[place(own)], [accepted]]);
  assert.deepEqual([await types(ann), await types(bob)], [['friend.updated', 'friend.added'], ['friend.requested', 'friend.added']]);
  await assertReplayed(ann);
  await assertReplayed(bob);
});

test('asking again changes nothing, before the answer and after', async () => {
  const [ann, bob] = await people(stack, 2);
  const first = assertOk(await ask(ann, bob), 201);
  assertOk(await ask(ann, bob), 200, first);
  const accepted = assertOk(await ask(bob, ann), 200);
  assertOk(await ask(bob, ann), 200, accepted);
  assertOk(await ask(ann, bob), 200);
  assert.deepEqual([(await events(ann)).length, (await events(bob)).length], [2, 2]);
});

test('a request can be taken back, and is gone on both sides', async () => {
  const [ann, bob] = await people(stack, 2);
  assertOk(await ask(ann, bob), 201);
  const gone = eventOn(await personal(bob), 'friend.removed');
  assertOk(await end(ann, bob), 204);
  assert.deepEqual(place(await gone), { id: ann.id });
  assert.deepEqual([await lists(ann), await lists(bob)], Array(2).fill({ friend: [], sent: [], received: [] }));
  assertProblem(await end(ann, bob), 'not-found');
  assertProblem(await end(bob, ann), 'not-found');
  assertOk(await ask(bob, ann), 201);
  assert.deepEqual(await types(bob), ['friend.requested', 'friend.removed', 'friend.updated']);
  await assertReplayed(ann);
});

test('a friendship ends for both', async () => {
  const [ann, bob] = await friends();
  const told = [eventOn(await personal(ann), 'friend.removed'), eventOn(await personal(bob), 'friend.removed')];
  assertOk(await end(bob, ann), 204);
  assert.deepEqual((await Promise.all(told)).map(place), [{ id: bob.id }, { id: ann.id }]);
  assert.deepEqual([await list(ann), await list(bob)], [[], []]);
  assertProblem(await end(ann, bob), 'not-found');
  await assertReplayed(ann);
  await assertReplayed(bob);
});

test('who is declined is not told, and asking again changes nothing', async () => {
  const [ann, bob] = await people(stack, 2);
  const sent = assertOk(await ask(ann, bob), 201);
  assertOk(await end(bob, ann), 204);
  assert.deepEqual(await types(bob), ['friend.requested', 'friend.removed']);
  assert.deepEqual(await types(ann), ['friend.updated']);
  assert.deepEqual([await list(ann, 'sent'), await list(bob, 'received')], [[sent], []]);
  assertOk(await ask(ann, bob), 200, sent);
  assert.equal((await events(bob)).length, 2);
  // The decliner thinks better of it.
  assert.equal(assertOk(await ask(bob, ann), 201).state, 'friend');
  assert.deepEqual([await types(ann), await types(bob)],
    [['friend.updated', 'friend.added'], ['friend.requested', 'friend.removed', 'friend.added']]);
  await assertReplayed(ann);
  await assertReplayed(bob);
});

test('a request to somebody who blocks the asker looks like any other', async () => {
  const [ann, bob, eve] = await people(stack, 3);
  await block(bob, ann);
  const swallowed = assertOk(await ask(ann, bob), 201);
  const other = assertOk(await ask(ann, eve), 201);
  assert.deepEqual(Object.keys(swallowed), Object.keys(other));
  assert.equal(swallowed.state, 'sent');
  assert.deepEqual(await types(ann), ['friend.updated', 'friend.updated']);
  assert.deepEqual([await events(bob), await lists(bob)], [[], { friend: [], sent: [], received: [] }]);
  assertOk(await ask(ann, bob), 200, swallowed);
  const { detail } = assertProblem(await ask(bob, ann), 'conflict');
  assert.equal(detail, 'you block this person');
  await unblock(bob, ann);
  assert.equal(assertOk(await ask(bob, ann), 201).state, 'friend');
  assertOk(await end(bob, ann), 204);
  // Withdrawn, it leaves nothing behind, and the other still hears nothing.
  await block(bob, ann);
  assertOk(await ask(ann, bob), 201);
  const before = (await events(bob)).length;
  assertOk(await end(ann, bob), 204);
  assert.equal((await events(bob)).length, before);
});

test('a favourite and an alias are of one side only, and told to the own devices', async () => {
  const [ann, bob] = await friends();
  const change = (user, other, body) => of(user).patch(`/v1/friends/${other.id ?? other}`, body);
  const told = eventOn(await personal(ann), 'friend.updated');
  const changed = assertOk(await change(ann, bob, { favorite: true, alias: '밥' }), 200);
  assert.deepEqual(timeless(changed), { ...rowOf(bob, 'friend'), favorite: true, alias: '밥' });
  assert.deepEqual(place(await told), changed);
  assert.deepEqual(await list(ann), [changed]);
  assert.deepEqual((await list(bob)).map(timeless), [rowOf(ann, 'friend')]);
  assert.deepEqual(await types(bob), ['friend.requested', 'friend.added']);
  for (const body of [{}, undefined, { favorite: true }, { alias: '밥' }]) assertOk(await change(ann, bob, body), 200, changed);
  assert.equal((await events(ann)).length, 3);
  assertOk(await change(ann, bob, { favorite: false }), 200, { ...changed, favorite: false });
  assertOk(await change(ann, bob, { alias: '' }), 200, { ...changed, favorite: false, alias: '' });
  assert.equal(assertOk(await change(ann, bob, { alias: '🙂'.repeat(30) }), 200).alias.length, 60);
  for (const alias of [1, null, 'x'.repeat(31), 'a\nb', ' ']) assertInvalid(await change(ann, bob, { alias }), 'alias');
  for (const favorite of [1, null, 'true']) assertInvalid(await change(ann, bob, { favorite }), 'favorite');
  assertInvalid(await change(ann, bob, { state: 'friend', user: bob.id, id: ann.id }), 'state', 'user', 'id');
  for (const id of [ann, 999999999, 'x']) assertProblem(await change(ann, id, { alias: 'x' }), 'not-found');
  assertProblem(await api(stack).patch(`/v1/friends/${bob.id}`, {}), 'unauthenticated');
  // They end with the friendship.
  await assertReplayed(ann);
  assertOk(await end(ann, bob), 204);
  assertProblem(await change(ann, bob, { alias: 'x' }), 'not-found');
  assertOk(await ask(ann, bob), 201);
  assert.deepEqual((await list(ann, 'sent')).map(timeless), [rowOf(bob, 'sent')]);
});

test('not oneself, nobody who is not there, nothing in a body', async () => {
  const [ann, bob, gone] = await people(stack, 3);
  await stack.sql(`UPDATE user SET state = 'erased' WHERE id = ${gone.id}`);
  assertInvalid(await ask(ann, ann), 'user');
  assertProblem(await end(ann, ann), 'not-found');
  assertProblem(await ask(ann, gone), 'not-found');
  for (const id of [999999999, '9223372036854775807', 0, -1, 'x', '1e3']) {
    assertProblem(await ask(ann, id), 'not-found');
    assertProblem(await end(ann, id), 'not-found');
  }
  assertInvalid(await ask(ann, bob, { user: bob.id, state: 'friend' }), 'user', 'state');
  assertProblem(await ask(ann, bob, []), 'bad-json');
  assertInvalid(await of(ann).get('/v1/friends?state=all'), 'state');
  assertInvalid(await of(ann).get('/v1/friends?limit=x'), 'limit');
  const nobody = api(stack);
  for (const answer of [await nobody.get('/v1/friends'), await nobody.put(`/v1/friends/${ann.id}`), await nobody.del(`/v1/friends/${ann.id}`)])
    assertProblem(answer, 'unauthenticated');
  assert.deepEqual([await events(ann), await events(bob)], [[], []]);
});

test('nobody sees or ends what is between two others', async () => {
  const [ann, bob, eve] = await friends(2).then(async (two) => [...two, ...await people(stack, 1)]);
  assertProblem(await end(eve, ann), 'not-found');
  assert.deepEqual([await list(eve), await events(eve)], [[], []]);
  assert.deepEqual((await list(ann)).map(({ id }) => id), [bob.id]);
});

test('the list goes page by page in the order of the ids', async () => {
  const [ann, ...others] = await friends(6);
  const ids = others.map(({ id }) => id);
  const all = await list(ann);
  assert.deepEqual(all.map(({ id }) => id), ids);
  const first = assertOk(await of(ann).get('/v1/friends?limit=3'), 200, { friends: all.slice(0, 3), next: ids[2] });
  assertOk(await of(ann).get(`/v1/friends?state=friend&limit=3&cursor=${first.next}`), 200, { friends: all.slice(3), next: null });
});

test('at most 1000 friends, for either side, and 100 requests that wait', async () => {
  const [ann, bob, eve] = await people(stack, 3);
  const fill = (user, state, n) => stack.sql(`INSERT INTO friend (user, other, state, created_at)
    SELECT ${user.id}, ${state === 'sent' ? 1000000 : 2000000} + seq, '${state}', UTC_TIMESTAMP(3) FROM seq_1_to_${n}`);
  await fill(ann, 'friend', 999);
  await fill(ann, 'sent', 98);
  // Two may still be asked, of many who are at the same time.
  const crowd = await people(stack, 8);
  const answers = await Promise.all(crowd.map((user) => ask(ann, user)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 409, 409, 409, 409, 409, 409]);
  answers.filter(({ status }) => status === 409).forEach((answer) => assertProblem(answer, 'limit-reached'));
  // One may still become a friend.
  for (const user of [bob, eve]) assertOk(await ask(user, ann), 201);
  const accepted = await Promise.all([bob, eve].map((user) => ask(ann, user)));
  assert.deepEqual(accepted.map(({ status }) => status).sort(), [200, 409]);
  const late = accepted[0].status === 200 ? eve : bob;
 
  assert.deepEqual((await lists(late)).sent, [ann.id]);
});

test('so many requests in an hour are enough, taken back or not', async () => {
  const [ann, bob, eve] = await people(stack, 3);
  const asked = async () => Number((await stack.sql(`SELECT hits FROM throttle WHERE name = 'friend:${ann.id}'`))[0][0]);
  assertOk(await ask(ann, bob), 201);
  assertOk(await ask(ann, bob), 200);
  assertOk(await end(ann, bob), 204);
  assertProblem(await ask(ann, 999999999), 'not-found');
  assert.equal(await asked(), 1);
  await stack.sql(`UPDATE throttle SET hits = 99 WHERE name = 'friend:${ann.id}'`);
  assertOk(await ask(ann, bob), 201);
  const before = await events(ann);
  const answer = await ask(ann, eve);
  assertProblem(answer, 'throttled');
  assert.ok(Number(answer.headers.get('retry-after')) > 3000);
  assert.deepEqual([await events(ann), await events(eve)], [before, []]);
  // Saying yes is not asking.
  assertOk(await ask(eve, ann), 201);
  assertOk(await ask(ann, eve), 200);
});

// ---- races

test('two who ask each other at the same time are friends, and each is told once', async () => {
  for (let round = 0; round < 8; round++) {
    const [ann, bob] = await people(stack, 2);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? ask(ann, bob) : ask(bob, ann))));
    assert.ok(answers.every(({ status }) => status === 200 || status === 201), JSON.stringify(answers.map(({ body }) => body)));
    for (const [user, other] of [[ann, bob], [bob, ann]]) {
      assert.deepEqual(await lists(user), { friend: [other.id], sent: [], received: [] });
      assert.equal((await types(user)).filter((type) => type === 'friend.added').length, 1);
      await assertReplayed(user);
    }
  }
});

test('after a storm of requests, answers and ends both sides agree, and no seq is missing', async () => {
  const three = await people(stack, 3);
  await Promise.all(three.flatMap((user) => three.filter((other) => other !== user).flatMap((other) => Array.from({ length: 12 }, async (_, i) => {
    const { status, body } = await (i % 3 === 2 ? end(user, other) : ask(user, other));
    assert.ok([200, 201, 204, 404].includes(status), JSON.stringify(body));
  }))));
  for (const user of three) {
    await assertReplayed(user);
    assert.deepEqual((await events(user)).map(({ seq }) => seq), (await events(user)).map((_, i) => i + 1));
  }
  const all = await Promise.all(three.map(lists));
  for (const [i, user] of three.entries()) {
    for (const [k, other] of three.entries())
      assert.equal(all[i].friend.includes(other.id), all[k].friend.includes(user.id));
    for (const id of all[i].received) assert.ok(all[three.findIndex((other) => other.id === id)].sent.includes(user.id));
  }
});

// ---- what a person looks like

test('a new nickname is told to friends and to those who were asked, to nobody else', async () => {
  const [low, ann, high, asked, asking, eve] = await people(stack, 6);
  for (const user of [low, high]) {
    assertOk(await ask(ann, user), 201);
    assertOk(await ask(user, ann), 200);
  }
  assertOk(await ask(ann, asked), 201);
  assertOk(await ask(asking, ann), 201);
  const told = eventOn(await personal(low), 'friend.updated');
  assertOk(await of(ann).patch('/v1/users/me', { nickname: 'Ann the second' }), 200);
  assert.deepEqual(timeless(place(await told)), { ...rowOf(ann, 'friend'), nickname: 'Ann the second' });
  for (const user of [low, high, asked]) await assertReplayed(user);
  for (const user of [asking, eve]) assert.ok(!(await events(user)).some(({ data }) => data.nickname === 'Ann the second'));
  assert.equal((await types(ann)).at(-1), 'user.updated');
});

test('renaming and befriending at the same time leave nobody with the old name', async () => {
  for (let round = 0; round < 5; round++) {
    const [ann, bob, eve] = await people(stack, 3);
    assertOk(await ask(ann, bob), 201);
    assertOk(await ask(bob, ann), 200);
    assertOk(await ask(eve, ann), 201);
    const answers = await Promise.all([of(ann).patch('/v1/users/me', { nickname: 'new' }), of(bob).patch('/v1/users/me', { nickname: 'newer' }),
      ask(ann, eve), end(bob, ann)]);
    assert.ok(answers.every(({ status }) => status < 300), JSON.stringify(answers.map(({ body }) => body)));
    for (const user of [ann, bob]) await assertReplayed(user);
    // Eve asked, and was a friend before or after the name was changed: her log ends with the new one.
    await assertReplayed(eve);
  }
});
