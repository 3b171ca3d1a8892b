// The invariants of a chat log, judged over what was recorded. Pure functions: a history and the
// rows of the database go in, violations come out. A room is a totally ordered log, so one pass per
// room and receiver is enough.
//
// history = {
//   acks:      [{ room, sender, client_id, digest, seq, mid, start, end }]   each 201, repeated ones too
//   attempts:  [{ room, sender, client_id, digest }]                          each message ever tried
//   receivers: [{ name, user, rooms, log: [entry], live }]                    live: has to be at the head
//   removals:  [{ room, user, seq, until }]                                   until: seq of coming back
// }
// entry = { k, c, room, ... }, c: number of the connection, in the order in which things were seen:
//   sub    { after: { seq, mid } | null, head, mid, recovered }    subscription_succeeded
//   event  { seq, mid, digest }
//   reset  { head }                                                 maru:reset
//   reload { clear, after, upto, events: [{ seq, mid, digest }] }   read by REST; clear: all was forgotten
//   part   {}                                                       maru:unsubscribed
// truth = Map room -> { head, rows: [{ seq, mid, digest, sender, client_id }] } in the order of seq
//
// A violation is { rule, room, text, excerpt }.

// A number of 53 bits; chance meets it once in 10^15.
function hash(text) {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

// What an event says, without what the database stores of a message elsewhere.
export function digest(type, data) {
  return hash(type === 'message.created' ? `${data.sender} ${data.client_id} ${data.body}` : JSON.stringify(data));
}

const keyOf = ({ room, sender, client_id }) => `${room} ${sender} ${client_id}`;

export class Report {
  constructor() { this.violations = []; this.counts = new Map(); }

  add(rule, room, text, excerpt = []) {
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
    if (this.counts.get(rule) <= 5) this.violations.push({ rule, room, text, excerpt });
  }

  get total() { return [...this.counts.values()].reduce((a, b) => a + b, 0); }
  count(...rules) { return rules.reduce((sum, rule) => sum + (this.counts.get(rule) ?? 0), 0); }

  toString() {
    const show = (entry) => `      ${JSON.stringify(entry)}`;
    return this.violations.map(({ rule, room, text, excerpt }) =>
      [`  ${rule} room ${room}: ${text}`, ...excerpt.map(show)].join('\n')).join('\n');
  }
}

// ---- the log and those who write ---------------------------------------------------------------

// I1, I3: what was answered is there, once, as it was answered.
function checkAcks(report, history, truth, lossAllowed) {
  const first = new Map();
  for (const ack of history.acks) {
    const before = first.get(keyOf(ack));
    if (before && (before.seq !== ack.seq || before.mid !== ack.mid)) {
      if (!lossAllowed) report.add('I3', ack.room, 'one client_id was answered twice, differently', [before, ack]);
    } else first.set(keyOf(ack), ack);
    if (lossAllowed) continue;
    const row = truth.get(ack.room)?.at(ack.seq);
    if (!row) report.add('I1', ack.room, `seq ${ack.seq} was acknowledged and is not stored`, [ack]);
    else if (row.mid !== ack.mid || row.client_id !== ack.client_id || row.digest !== ack.digest)
      report.add('I1', ack.room, `seq ${ack.seq} was acknowledged and is another message now`, [ack, row]);
  }
}

// I2, I3: seqs are 1..head, a client_id has one row. I10: a row is what somebody tried to send.
function checkRows(report, history, room, { head, rows }) {
  const keys = new Map();
  const tried = history.tried;
  rows.forEach((row, i) => {
    if (row.seq !== i + 1) report.add('I2', room, `seq ${row.seq} stands where ${i + 1} should`, rows.slice(Math.max(0, i - 2), i + 2));
    if (row.client_id === undefined) return;
    const key = keyOf({ room, ...row });
    if (keys.has(key)) report.add('I3', room, 'a client_id is stored twice', [keys.get(key), row]);
    keys.set(key, row);
    const attempt = tried.get(key);
    if (!attempt || attempt.digest !== row.digest) report.add('I10', room, 'stored and never sent like that', [row, attempt ?? null]);
  });
  if (rows.length !== head) report.add('I2', room, `the counter says ${head}, ${rows.length} events are stored`, rows.slice(-2));
}

// I7: what was answered before another was sent comes before it.
function checkRealTime(report, acks) {
  const rooms = new Map();
  for (const ack of acks) {
    if (!rooms.has(ack.room)) rooms.set(ack.room, []);
    rooms.get(ack.room).push(ack);
  }
  for (const [room, list] of rooms) {
    const byEnd = [...list].sort((a, b) => a.end - b.end);
    let highest = null;
    let i = 0;
    for (const ack of list.sort((a, b) => a.start - b.start)) {
      for (; i < byEnd.length && byEnd[i].end < ack.start; i++) {
        if (!highest || byEnd[i].seq > highest.seq) highest = byEnd[i];
      }
      if (highest && highest.seq > ack.seq && keyOf(highest) !== keyOf(ack))
        report.add('I7', room, `${ack.seq} was sent after ${highest.seq} was answered`, [highest, ack]);
    }
  }
}

// ---- those who read ------------------------------------------------------------------------------

// What one receiver knows of one room: live, the seq after which this connection goes on; known, what
// it holds (seq -> mid); base, what it never asked for; old, what it held before it was told to reload.
class View {
  constructor() { Object.assign(this, { known: new Map(), old: null, base: null, live: null, conn: null }); }

  hold(fail, { seq, mid }) {
    const before = this.known.get(seq);
    if (before !== undefined && before !== mid) fail('I6', `seq ${seq} was ${before} and is ${mid}, and nobody said "reload"`);
    this.known.set(seq, mid);
  }
}

function onSub(view, entry, fail) {
  view.conn = entry.c;
  if (view.old) [view.known, view.old] = [view.old, null]; // it did not come to reload
  if (!entry.after) {
    view.live = entry.head;
    view.base ??= entry.head;
  } else if (entry.recovered) {
    view.live = entry.after.seq;
    view.base ??= entry.after.seq;
    if (entry.head < entry.after.seq) fail('I4', `recovered up to ${entry.head}, which is before ${entry.after.seq}`);
  } else {
    view.live = entry.head;
    [view.old, view.known] = [view.known, new Map()];
  }
}

function onReset(view, entry) {
  Object.assign(view, { live: entry.head, known: new Map(), old: null, base: null });
}

function onEvent(view, entry, fail) {
  if (view.conn !== entry.c || view.live === null) fail('I4', `seq ${entry.seq} came without a subscription`);
  else if (entry.seq <= view.live) fail('I4', `seq ${entry.seq} came after ${view.live}: doubled or out of order`);
  else if (entry.seq !== view.live + 1) fail('I4', `seq ${entry.seq} came after ${view.live}: a gap`);
  view.live = entry.seq;
  view.hold(fail, entry);
}

function onReload(view, entry, fail) {
  if (entry.clear) view.base = entry.after;
  else for (const [seq, mid] of view.old ?? []) view.hold(fail, { seq, mid });
  view.old = null;
  let last = entry.after;
  for (const event of entry.events) {
    if (event.seq !== last + 1) fail('I4', `reading went on with ${event.seq} after ${last}`);
    last = event.seq;
    view.hold(fail, event);
  }
}

// I5: what came is what is stored.
function checkIntegrity(fail, stored, event) {
  if (stored && stored.mid === event.mid && stored.digest !== event.digest) fail('I5', `seq ${event.seq} is not what is stored`);
}

// I6, I9: what it holds in the end is the room, from where it began.
function checkView(report, receiver, room, view, truth) {
  const { head } = truth;
  for (const [seq, mid] of view.known) {
    const row = truth.at(seq);
    if (!row || row.mid !== mid) report.add('I6', room, `${receiver.name} keeps seq ${seq} (${mid}), which is ${row ? row.mid : 'not stored'}`);
  }
  if (!receiver.live || view.base === null) return;
  for (let seq = view.base + 1; seq <= head; seq++) {
    if (!view.known.has(seq)) {
      const last = [...view.known.keys()].reduce((a, b) => Math.max(a, b), view.base);
      report.add(seq > last ? 'I9' : 'I4', room, `${receiver.name} never got seq ${seq} of ${head}`);
      break;
    }
  }
}

// I8: nothing of what came after somebody was removed.
function checkRemoval(removals, entry, fail) {
  for (const { seq, until = Infinity } of removals) {
    if (entry.seq > seq && entry.seq < until) fail('I8', `seq ${entry.seq} came to somebody removed by ${seq}`);
  }
}

function checkReceiver(report, receiver, truth, removals) {
  const views = new Map();
  receiver.log.forEach((entry, i) => {
    const { room } = entry;
    if (room === undefined) return;
    if (!views.has(room)) views.set(room, new View());
    const view = views.get(room);
    const fail = (rule, text) => report.add(rule, room, `${receiver.name}: ${text}`,
      receiver.log.slice(Math.max(0, i - 12), i + 1).filter((e) => e.room === room).slice(-4)
        .map((e) => (e.k === 'reload' ? { ...e, events: e.events.length } : e)));
    const mine = removals.get(`${room} ${receiver.user}`) ?? [];
    if (entry.k === 'sub') onSub(view, entry, fail);
    else if (entry.k === 'reset') onReset(view, entry);
    else if (entry.k === 'part') view.live = null;
    else if (entry.k === 'event') {
      onEvent(view, entry, fail);
      checkRemoval(mine, entry, fail);
      checkIntegrity(fail, truth.get(room)?.at(entry.seq), entry);
    } else if (entry.k === 'reload') {
      onReload(view, entry, fail);
      for (const event of entry.events) {
        checkRemoval(mine, event, fail);
        checkIntegrity(fail, truth.get(room)?.at(event.seq), event);
      }
    }
  });
  for (const room of receiver.rooms) checkView(report, receiver, room, views.get(room) ?? new View(), truth.get(room));
}

// lossAllowed: the database was set back, so acknowledged messages may be gone; what receivers hold
// has to be right all the same.
export function check(history, truth, { lossAllowed = false } = {}) {
  const report = new Report();
  const indexed = new Map([...truth].map(([room, { head, rows }]) => {
    const bySeq = new Map(rows.map((row) => [row.seq, row]));
    return [room, { head, rows, at: (seq) => bySeq.get(seq) }];
  }));
  const tried = new Map(history.attempts.map((attempt) => [keyOf(attempt), attempt]));
  const removals = new Map();
  for (const removal of history.removals ?? []) {
    const key = `${removal.room} ${removal.user}`;
    removals.set(key, [...removals.get(key) ?? [], removal]);
  }
  checkAcks(report, history, indexed, lossAllowed);
  for (const [room, rows] of indexed) checkRows(report, { tried }, room, rows);
  if (!lossAllowed) checkRealTime(report, history.acks);
  for (const receiver of history.receivers) checkReceiver(report, receiver, indexed, removals);
  return report;
}

// ---- what processes hold -----------------------------------------------------------------------

// I11: what is different between two looks of kit.mjs' resources(), process by process: numbers of
// descriptors, threads, connections and processes, to be 0; growth of memory in percent, the worse one of
// maru-push and of all of maru-api together (who got how many requests is chance).
export function left(before, now) {
  const all = ({ push, api }) => new Map([push, ...api].map((one) => [one.pid, one]));
  const [old, fresh] = [all(before), all(now)];
  const both = [...old.keys()].filter((pid) => fresh.has(pid));
  const sum = (what) => both.reduce((n, pid) => n + Math.abs(fresh.get(pid)[what] - old.get(pid)[what]), 0);
  const memory = ({ api }) => api.reduce((n, { kb }) => n + kb, 0);
  const growth = (from, to) => (to - from) * 100 / from;
  return { processes: old.size + fresh.size - 2 * both.length, fds: sum('fds'), threads: sum('threads'),
    connections: Math.abs(now.db - before.db), growth: Math.max(growth(before.push.kb, now.push.kb), growth(memory(before), memory(now))) };
}
