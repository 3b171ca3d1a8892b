// The history becomes another one: an older dump is restored, or a crash takes what was visible and
// not yet safe. Nobody may keep what no longer exists; everybody is told to reload.
import { Load } from './load.mjs';
import { copyData, makeRooms, people, replaceData, sleep, startChaos, until } from './kit.mjs';

// Its seqs are given out a second time before, or only after, those who were away come back.
const kinds = [
  { name: 'an older dump is restored', copy: async (stack) => {
    await stack.stopDb();
    copyData(stack, 'data.old');
    await stack.startDb();
  }, down: (stack) => stack.stopDb() },
  { name: 'a crash takes the end of the log', copy: async (stack) => {
    stack.signal('db', 'SIGSTOP'); // nothing is written: the copy is what a crash now would leave
    copyData(stack, 'data.old');
    stack.signal('db', 'SIGCONT');
  }, down: (stack) => stack.killDb() },
];

const more = async (load, n) => {
  const goal = load.acks.length + n;
  load.run(150);
  await until(() => load.acks.length >= goal, 15000, `${n} messages to be accepted`);
  await load.stop();
};

async function once(t, stack, users, kind, early) {
  const rooms = await makeRooms(stack, 2, users);
  const load = new Load(stack, { users, rooms });
  users.forEach((user) => load.listen(user));
  const [, , away] = load.receivers;
  await load.ready();
  await more(load, 40);
  await load.converged(3000);
  await kind.copy(stack);
  await more(load, 60); // these will never have been
  if (await load.converged(3000) === Infinity) throw new Error('not converged before the loss');
  away.leave();
  await kind.down(stack);
  replaceData(stack, 'data.old');
  await stack.startDb();
  if (early) {
    away.come();
    await until(() => rooms.every((room) => away.state.get(room).confirmed), 10000, 'one who was away to be back');
  }
  await more(load, 150); // the same seqs, other messages
  if (!early) away.come();
  const ms = await load.converged(8000);
  const report = await t.check(load, { lossAllowed: true });
  const told = load.receivers.filter(({ counts }) => counts.resets + counts.unrecovered > 0).length;
  t.say(`${kind.name}, those who were away come back ${early ? 'before' : 'after'} new messages: ${told} of ${load.receivers.length} told to reload,`
    + ` ${load.sum('resets')} resets, ${load.sum('unrecovered')} not recovered; at the head after ${ms.toFixed(0)} ms`);
  load.close();
  return { ghosts: report.count('I6'), untold: load.receivers.length - told, late: ms === Infinity ? 1 : 0, other: report.total - report.count('I6') };
}

// The worst case: one event is lost that everybody has seen, and the next one, which gets its seq, is
// never told of: its worker dies after COMMIT. The counter is where it was. It is found by a look at the
// head if the room is quiet then, and by what the next event says about the one before if it is not.
async function unheard(t, stack, users, quiet) {
  const rooms = await makeRooms(stack, 1, users);
  const load = new Load(stack, { users, rooms });
  users.forEach((user) => load.listen(user));
  await load.ready();
  await more(load, 20);
  await load.converged(3000);
  await kinds[1].copy(stack);
  await load.send(users[0], rooms[0]); // this will never have been
  if (await load.converged(3000) === Infinity) throw new Error('not converged before the loss');
  await stack.killDb();
  replaceData(stack, 'data.old');
  stack.arm('api.after_commit');
  await stack.startDb();
  while (stack.isArmed('api.after_commit')) await load.send(users[1], rooms[0], { give_up: 0 });
  if (quiet) await sleep(2500); // heads are compared once a second
  await more(load, 20);
  const ms = await load.converged(8000);
  const report = await t.check(load, { lossAllowed: true });
  t.say(`the event that took a lost one's seq was not told of, ${quiet ? 'then the room is quiet' : 'others follow at once'}: ${report.count('I6')} ghosts are kept`);
  load.close();
  return { ghosts: report.count('I6'), untold: 0, late: ms === Infinity ? 1 : 0, other: report.total - report.count('I6') };
}

export async function run(t) {
  const trials = t.long ? 10 : 1;
  const results = [];
  for (let trial = 0; trial < trials; trial++) {
    for (const kind of kinds) {
      for (const early of [true, false]) {
        const stack = await startChaos();
        results.push(await once(t, stack, await people(stack, 4), kind, early));
        await stack.stop();
      }
    }
    for (const quiet of [true, false]) {
      const stack = await startChaos();
      results.push(await unheard(t, stack, await people(stack, 4), quiet));
      await stack.stop();
    }
  }
  const sum = (what) => results.reduce((n, result) => n + result[what], 0);
  t.bar('mids_ghosts_kept', sum('ghosts'), 'events', '<=0');
  t.bar('mids_not_told', sum('untold'), 'receivers', '<=0');
  t.bar('mids_not_converged', sum('late'), `of_${results.length}`, '<=0');
  t.bar('mids_otherwise_wrong', sum('other'), 'violations', '<=0');
}
