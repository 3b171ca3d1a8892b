// A stack whose daemon is played by the test: busend.c listens in its place.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, until } from '../harness.mjs';

export const OPS = { signal: 2, cut: 3, feeder: 4 };

// Takes the daemon's place. Resolves with { packets, next(op), hook(event), close() } once the feeder has come.
export async function takeBus(stack) {
  await stack.stopPush();
  const child = spawn(join(root, stack.build, 'tests/api/busend'), [stack.conf.bus_socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  const packets = [];
  createInterface({ input: child.stdout }).on('line', (line) => packets.push(JSON.parse(line)));
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  const take = (op) => {
    const at = packets.findIndex((packet) => packet.op === op);
    return at >= 0 && packets.splice(at, 1)[0];
  };
  const bus = {
    packets,
    next: (op) => until(() => take(op), 10000, `a packet of op ${op}`),
    hook: (...events) => child.stdin.write(events.map((event) => `${typeof event === 'string' ? event : JSON.stringify(event)}\n`).join('')),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    close: async () => { child.stdin.end(); await ended; },
  };
  await bus.next(OPS.feeder);
  return bus;
}
