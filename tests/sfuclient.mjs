// Somebody who talks to Janus by websocket without a browser: joins, and asks for what others send.
import WebSocket from 'ws';

const PLUGIN = 'janus.plugin.videoroom';

export class SfuClient {
  events = [];
  #socket; #answers = new Map(); #count = 0; #session; #token;

  static async open(url, token) {
    const client = new SfuClient();
    client.#token = token;
    const socket = client.#socket = new WebSocket(url, 'janus-protocol');
    await new Promise((done, fail) => socket.on('open', done).on('error', fail));
    socket.on('message', (text) => client.#hear(JSON.parse(text)));
    return client;
  }

  #hear(words) {
    if (words.janus === 'ack') return;
    const answer = this.#answers.get(words.transaction);
    this.#answers.delete(words.transaction);
    if (answer) answer(words);
    else this.events.push(words);
  }

  ask(words) {
    const transaction = String(++this.#count);
    return new Promise((done) => {
      this.#answers.set(transaction, done);
      this.#socket.send(JSON.stringify({ transaction, token: this.#token, ...this.#session && { session_id: this.#session }, ...words }));
    });
  }

  /** Gives the refusal of Janus, if it is one. */
  async greet() {
    const { data, error } = await this.ask({ janus: 'create' });
    this.#session = data?.id;
    return error;
  }

  /** Attaches to the rooms; gives a function that asks them something. */
  async rooms() {
    const { data: { id } } = await this.ask({ janus: 'attach', plugin: PLUGIN });
    return async (body, more) => {
      const { plugindata, ...rest } = await this.ask({ janus: 'message', handle_id: id, body, ...more });
      return plugindata?.data ?? rest;
    };
  }

  close() {
    this.#socket.close();
  }
}
