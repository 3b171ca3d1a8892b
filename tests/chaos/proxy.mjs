// Sits in a wire and spoils it: Unix or TCP, byte streams (the bus has packets: busproxy.c).
//
//   const wire = await openProxy(stack.conf.db_socket);   // takes the place of the socket file
//   wire.set({ latency: 50 });       // milliseconds, each way
//   wire.set({ slice: 1 });          // bytes per write; { slice: 1, sliced: 'up' }: in that direction only
//   wire.set({ stall: 'up' });       // nothing moves: 'up' (to the server), 'down', 'both'; null: it goes on
//   wire.set({ blackhole: true });   // what is sent now is swallowed, and so is that one side has gone
//   wire.reset();                    // cuts all connections, with RST where there is one
//   await wire.cutAnswer('text');    // lets the next bytes with this text through, and cuts before the answer
//   await wire.cutRequest('text');   // the same, and the bytes do not get through
//   wire.close();                    // puts the socket back
//
// Whoever was connected before goes on undisturbed.
import { renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';

// Ends a connection with RST where there is one: a Unix socket has none.
export function cut(socket) {
  if (socket.remoteAddress && socket.resetAndDestroy) socket.resetAndDestroy();
  else socket.destroy();
}

class Half {
  constructor(wire, from, to, direction, onBytes) {
    Object.assign(this, { wire, from, to, direction, queue: [], busy: false, onBytes });
    from.on('data', (data) => this.take(data));
    from.on('end', () => this.take(null));
  }

  take(data) {
    const { blackhole, latency } = this.wire.faults;
    if (data && this.onBytes(data)) return;
    if (blackhole) return;
    if (latency > 0) setTimeout(() => this.put(data), latency);
    else this.put(data);
  }

  put(data) {
    this.queue.push(data);
    if (this.queue.length > 64) this.from.pause();
    this.pump();
  }

  get stalled() {
    return this.wire.faults.stall === 'both' || this.wire.faults.stall === this.direction;
  }

  pump() {
    if (this.busy || this.stalled || this.to.destroyed) return;
    const data = this.queue.shift();
    if (data === undefined) {
      this.from.resume();
      return;
    }
    if (data === null) {
      this.to.end();
      return;
    }
    const { slice, sliced } = this.wire.faults;
    const now = slice > 0 && (sliced === 'both' || sliced === this.direction) ? data.subarray(0, slice) : data;
    if (now.length < data.length) this.queue.unshift(data.subarray(now.length));
    this.busy = true;
    this.to.write(now, () => {
      this.busy = false;
      this.pump();
    });
  }
}

export class Proxy {
  constructor(target) {
    Object.assign(this, { target, faults: { latency: 0, slice: 0, sliced: 'both', stall: null, blackhole: false }, pairs: new Set(), trap: null, count: 0 });
  }

  #pair(client) {
    const where = typeof this.target === 'string' ? { path: this.target } : { port: this.target, host: '127.0.0.1' };
    const server = connect({ ...where, allowHalfOpen: true });
    const pair = { client, server };
    this.count++;
    this.pairs.add(pair);
    client.setNoDelay?.(true);
    server.setNoDelay?.(true);
    const end = () => { if (!this.faults.blackhole) this.#cut(pair); };
    pair.halves = [new Half(this, client, server, 'up', (data) => this.#up(pair, data)),
      new Half(this, server, client, 'down', () => this.#down(pair))];
    for (const socket of [client, server]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  }

  #cut(pair) {
    this.pairs.delete(pair);
    cut(pair.client);
    cut(pair.server);
  }

  #up(pair, data) {
    if (!this.trap || this.trap.pair || !data.includes(this.trap.text)) return false;
    if (!this.trap.through) {
      this.#spring(pair);
      return true;
    }
    this.trap.pair = pair;
    return false;
  }

  #down(pair) {
    if (this.trap?.pair !== pair) return false;
    this.#spring(pair);
    return true;
  }

  #spring(pair) {
    const { done } = this.trap;
    this.trap = null;
    this.#cut(pair);
    done();
  }

  #set(text, through) {
    return new Promise((done) => { this.trap = { text, through, done, pair: null }; });
  }

  cutAnswer(text) { return this.#set(text, true); }
  cutRequest(text) { return this.#set(text, false); }

  set(faults) {
    Object.assign(this.faults, faults);
    for (const { halves } of this.pairs) halves.forEach((half) => half.pump());
  }

  reset() { for (const pair of [...this.pairs]) this.#cut(pair); }

  listen(where) {
    // A half-closed connection stays one.
    this.server = createServer({ allowHalfOpen: true }, (client) => this.#pair(client));
    return new Promise((resolve, reject) => {
      this.server.on('error', reject);
      this.server.listen(where, () => resolve(this));
    });
  }

  close() {
    this.reset();
    this.server.close();
    if (this.path) {
      rmSync(this.path, { force: true });
      renameSync(this.target, this.path);
    }
  }
}

// A Unix socket that was renamed still takes connections, at its new name.
export async function openProxy(path) {
  const proxy = new Proxy(`${path}.real`);
  renameSync(path, proxy.target);
  proxy.path = path;
  return proxy.listen(path);
}

// In front of a port; resolves with the proxy, its own port is in .port.
export async function openTcpProxy(port) {
  const proxy = await new Proxy(port).listen({ host: '127.0.0.1', port: 0 });
  proxy.port = proxy.server.address().port;
  return proxy;
}
