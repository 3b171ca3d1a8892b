// A checker that can't fail is a defect: each kind of broken history has to be caught, and a good
// one, however wild, has to pass.
import assert from 'node:assert/strict';
import test from 'node:test';
import { check, digest, left } from './checker.mjs';

const ROOM = 7;
const mid = (seq) => String(1000 + seq);
const bodyOf = (seq) => ({ sender: 1, client_id: `c${seq}`, body: `text ${seq}` });
const what = (seq) => digest('message.created', bodyOf(seq));
const event = (c, seq, over = {}) => ({ k: 'event', c, room: ROOM, seq, mid: mid(seq), digest: what(seq), ...over });
const sub = (c, head, after, recovered) => ({ k: 'sub', c, room: ROOM, head, after: after ?? null, mid: mid(head), recovered });
const reload = (c, after, upto, clear = false) => ({ k: 'reload', c, room: ROOM, clear, after, upto,
  events: Array.from({ length: upto - after }, (_, i) => event(c, after + 1 + i)) });
const at = (seq) => ({ seq, mid: mid(seq) });

// Six messages; three receivers: one who stayed, one who came back twice, one who was told to reload.
function good() {
  const seqs = [1, 2, 3, 4, 5, 6];
  const history = {
    acks: seqs.map((seq) => ({ room: ROOM, ...bodyOf(seq), digest: what(seq), seq, mid: mid(seq), start: seq * 10, end: seq * 10 + 5 })),
    attempts: [...seqs.map((seq) => ({ room: ROOM, ...bodyOf(seq), digest: what(seq) })), { room: ROOM, ...bodyOf(9), digest: what(9) }],
    receivers: [
      { name: 'stayed', user: 2, rooms: [ROOM], live: true, log: [sub(1, 0), ...seqs.map((seq) => event(1, seq))] },
      { name: 'returned', user: 3, rooms: [ROOM], live: true,
        log: [sub(1, 2), event(1, 3), sub(2, 4, at(3), true), event(2, 4), sub(3, 4, at(4), true), event(3, 5), event(3, 6)] },
      { name: 'reloaded', user: 4, rooms: [ROOM], live: true,
        log: [sub(1, 0), event(1, 1), sub(2, 4, at(1), false), event(2, 5), reload(2, 1, 4), event(2, 6)] },
    ],
    removals: [],
  };
  const truth = new Map([[ROOM, { head: 6, rows: seqs.map((seq) => ({ seq, mid: mid(seq), digest: what(seq), sender: 1, client_id: `c${seq}` })) }]]);
  return { history, truth, rows: truth.get(ROOM).rows, room: truth.get(ROOM), stayed: history.receivers[0], returned: history.receivers[1], reloaded: history.receivers[2] };
}

test('a good history passes', () => {
  const { history, truth } = good();
  const report = check(history, truth);
  assert.equal(report.total, 0, String(report));
});

test('who was told that the history is another one may hold another one', () => {
  const { history, truth, stayed } = good();
  stayed.log = [sub(1, 0), event(1, 1), event(1, 2, { mid: 'ghost' }), event(1, 3, { mid: 'ghost' }),
    { k: 'reset', c: 1, room: ROOM, head: 1 }, event(1, 2), reload(1, 0, 1, true), event(1, 3), event(1, 4), event(1, 5), event(1, 6)];
  assert.equal(check(history, truth).total, 0);
  stayed.log = [sub(1, 0), event(1, 1), event(1, 2, { mid: 'ghost' }), sub(2, 4, { seq: 2, mid: 'ghost' }, false), event(2, 5),
    sub(3, 5, { seq: 2, mid: 'ghost' }, false), reload(3, 0, 5, true), event(3, 6)];
  assert.equal(check(history, truth).total, 0);
});

test('who was away after a removal and came back may hear of what came then', () => {
  const { history, truth, stayed } = good();
  history.removals = [{ room: ROOM, user: 2, seq: 2, until: 5 }];
  stayed.log = [sub(1, 0), event(1, 1), event(1, 2), { k: 'part', c: 1, room: ROOM }, sub(1, 5), event(1, 6)];
  stayed.live = false;
  assert.equal(check(history, truth).total, 0);
});

const swap = (list, i, k) => { [list[i], list[k]] = [list[k], list[i]]; };

const broken = {
  'I1: an acknowledged message is gone': [['I1', 'I2'], ({ rows }) => rows.pop()],
  'I1: an acknowledged message has become another': [['I1'], ({ rows }) => { rows[2].mid = 'x'; }],
  'I1: its text has become another': [['I1'], ({ rows }) => { rows[2].digest = 1; }],
  'I1: another sender\'s message has its seq': [['I1'], ({ rows }) => { rows[2].client_id = 'c9'; }],
  'I2: a seq is missing': [['I2'], ({ rows }) => rows.splice(2, 1)],
  'I2: a seq is there twice': [['I2'], ({ rows }) => rows.splice(2, 0, rows[2])],
  'I2: the counter is ahead': [['I2'], ({ room }) => { room.head = 7; }],
  'I2: the counter is behind': [['I2'], ({ room }) => { room.head = 5; }],
  'I3: one client_id, two messages': [['I3'], ({ rows }) => { rows[3].client_id = 'c3'; }],
  'I3: one client_id, two answers': [['I3'], ({ history }) => history.acks.push({ ...history.acks[2], seq: 4, mid: mid(4) })],
  'I3: one client_id, the same seq with two mids': [['I3'], ({ history }) => history.acks.push({ ...history.acks[2], mid: 'x' })],
  'I4: an event is missing': [['I4'], ({ stayed }) => stayed.log.splice(3, 1)],
  'I4: an event comes twice': [['I4'], ({ stayed }) => stayed.log.splice(3, 0, stayed.log[3])],
  'I4: two events come in the wrong order': [['I4'], ({ stayed }) => swap(stayed.log, 3, 4)],
  'I4: an event comes on a connection without a subscription': [['I4'], ({ stayed }) => { stayed.log[3].c = 2; }],
  'I4: what was missed is not replayed whole': [['I4'], ({ returned }) => returned.log.splice(3, 1)],
  'I4: what was missed is replayed from too early': [['I4'], ({ returned }) => returned.log.splice(3, 0, event(2, 3))],
  'I4: it goes on behind what was missed as if nothing had been': [['I4'], ({ returned }) => { returned.log.splice(3, 1); returned.log[2].recovered = undefined; returned.log[2].after = null; }],
  'I4: recovered, up to a place before the cursor': [['I4'], ({ returned }) => { returned.log[4].head = 2; }],
  'I4: what is read by REST has a hole': [['I4'], ({ reloaded }) => reloaded.log[4].events.splice(1, 1)],
  'I4: told to reload, nobody read': [['I4'], ({ reloaded }) => reloaded.log.splice(4, 1)],
  'I5: an event says something else than the row': [['I5'], ({ stayed }) => { stayed.log[3].digest = 1; }],
  'I5: an event that is read says something else': [['I5'], ({ reloaded }) => { reloaded.log[4].events[1].digest = 1; }],
  'I6: an event is kept that does not exist': [['I6'], ({ stayed }) => stayed.log.push(event(1, 7))],
  'I6: an event is kept whose seq is another\'s': [['I6'], ({ stayed }) => { stayed.log[3].mid = 'ghost'; }],
  'I6: the history changes under a receiver, without a word': [['I6'], ({ returned }) => returned.log.splice(2, 0, sub(2, 3, at(2), true), event(2, 3, { mid: 'ghost' }))],
  'I6: a ghost is kept over a reload that forgets nothing': [['I6'], ({ reloaded }) => { reloaded.log[1].mid = 'ghost'; }],
  'I7: a later message comes first': [['I7'], ({ history }) => { history.acks[4].start = 1; history.acks[4].end = 2; }],
  'I8: an event comes after the removal': [['I8'], ({ history }) => history.removals.push({ room: ROOM, user: 2, seq: 4 })],
  'I8: an event of the time between removal and return': [['I8'], ({ history }) => history.removals.push({ room: ROOM, user: 2, seq: 3, until: 5 })],
  'I8: an event is read after the removal': [['I8'], ({ history }) => history.removals.push({ room: ROOM, user: 4, seq: 3, until: 5 })],
  'I9: the last event never comes': [['I9'], ({ stayed }) => stayed.log.pop()],
  'I9: nothing ever comes': [['I9'], ({ stayed }) => stayed.log.splice(1)],
  'I10: a row that nobody sent': [['I10'], ({ history }) => { history.attempts.splice(5, 1); history.acks.splice(5, 1); }],
  'I10: a row with half of the text': [['I10', 'I1'], ({ rows, history }) => { rows[5].digest = 2; history.acks.splice(5, 1); }, ['I10']],
};

for (const [name, [rules, breakIt, only]] of Object.entries(broken)) {
  test(name, () => {
    const all = good();
    breakIt(all);
    const report = check(all.history, all.truth);
    for (const rule of only ?? rules.slice(0, 1)) assert.ok(report.count(rule) > 0, `${rule} is not noticed\n${report}`);
    assert.ok(String(report).includes(`room ${ROOM}`));
  });
}

test('after the database was set back, lost messages are no violation and ghosts are', () => {
  const { history, truth, stayed, rows, room } = good();
  rows.pop();
  room.head = 5;
  for (const receiver of history.receivers) receiver.log.pop();
  assert.equal(check(history, truth, { lossAllowed: true }).total, 0);
  stayed.log.push(event(1, 6));
  assert.ok(check(history, truth, { lossAllowed: true }).count('I6') > 0);
});

const held = () => ({ push: { pid: 1, kb: 1000, threads: 1, fds: 20 }, db: 4,
  api: [{ pid: 2, kb: 300, threads: 1, fds: 9 }, { pid: 3, kb: 700, threads: 2, fds: 9 }] });

test('I11: nothing is left when nothing is left', () => {
  assert.deepEqual(left(held(), held()), { processes: 0, fds: 0, threads: 0, connections: 0, growth: 0 });
});

const leaks = {
  'a descriptor of maru-push': ['fds', 1, (now) => { now.push.fds++; }],
  'a descriptor of a worker, while another has one less': ['fds', 2, ({ api: [one, other] }) => { one.fds++; other.fds--; }],
  'a thread': ['threads', 1, ({ api: [, one] }) => { one.threads++; }],
  'a database connection': ['connections', 1, (now) => { now.db++; }],
  'a worker that is another one': ['processes', 2, ({ api: [one] }) => { one.pid = 4; }],
  'a process that is gone': ['processes', 1, ({ api }) => api.pop()],
  'memory of maru-push': ['growth', 6, (now) => { now.push.kb += 60; }],
  'memory of the workers': ['growth', 7, ({ api: [one] }) => { one.kb += 70; }],
};

for (const [name, [what, n, leak]] of Object.entries(leaks)) {
  test(`I11: ${name}`, () => {
    const now = held();
    leak(now);
    assert.equal(left(held(), now)[what], n);
  });
}
