// SPDX-License-Identifier: MIT
// What of Janus' language calls need: a session by websocket, and in it handles, each for one connection that carries pictures and
// sounds. Its own library would bring ten times as much, and another one to hide differences between browsers that are gone.

const PLUGIN = 'janus.plugin.videoroom';
const PATIENCE = 8000; // milliseconds that an answer may take
const ALIVE = 4000; // between two signs of life; conf/janus gives up after 15 s

type Json = Record<string, unknown>;
type Jsep = RTCSessionDescriptionInit;
export interface Said { data: Json; jsep?: Jsep | undefined }
/** What Janus says of its own accord. kind: "event" of the room, or what became of the connection, such as "hangup". */
export interface Told extends Said { kind: string }

/** What it refuses; code: of the session, or of the room. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}
export const NO_SUCH_ROOM = 426;

interface Waiting { done: (words: Json) => void; fail: (error: Error) => void }

export class Janus {
  /** Goes with whatever is said from now on. */
  token: string;
  /** The session is over. */
  lost = (): void => {};
  #socket: WebSocket; #session = 0; #count = 0; #over = false;
  #waiting = new Map<string, Waiting>(); #handles = new Map<number, (told: Told) => void>(); #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(socket: WebSocket, token: string) {
    this.#socket = socket;
    this.token = token;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as Json);
    socket.onclose = () => this.close();
  }

  /** Rejects where nobody answers, or with a Refusal. */
  static async open(url: string, token: string): Promise<Janus> {
    const socket = new WebSocket(url, 'janus-protocol');
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => socket.close(), PATIENCE);
      socket.onopen = () => { clearTimeout(timer); done(); };
      socket.onclose = () => { clearTimeout(timer); fail(new Error('no websocket')); };
    });
    const janus = new Janus(socket, token);
    try {
      janus.#session = Number(((await janus.say({ janus: 'create' })).data as Json).id);
    } catch (error) {
      janus.close();
      throw error;
    }
    janus.#timer = setInterval(() => void janus.say({ janus: 'keepalive' }).catch(() => janus.close()), ALIVE);
    return janus;
  }

  #hear(words: Json): void {
    if (words.janus === 'timeout') {
      this.close();
      return;
    }
    const waiting = this.#waiting.get(String(words.transaction));
    if (!waiting) {
      const { data } = (words.plugindata ?? { data: {} }) as { data: Json };
      this.#handles.get(Number(words.sender))?.({ kind: String(words.janus), data, jsep: words.jsep as Jsep | undefined });
    } else if (words.janus === 'error') {
      const { code, reason } = words.error as { code: number; reason: string };
      waiting.fail(new Refusal(code, reason));
    } else waiting.done(words);
  }

  /** What it answers to a request; rejects if nothing comes, or a refusal does. isDone: whether this is the answer. */
  say(words: Json, isDone = (answer: Json): boolean => answer.janus !== 'event'): Promise<Json> {
    return new Promise((resolve, reject) => {
      const transaction = String(++this.#count);
      const end = () => { clearTimeout(timer); this.#waiting.delete(transaction); };
      const fail = (error: Error) => { end(); reject(error); };
      const done = (answer: Json) => { if (isDone(answer)) { end(); resolve(answer); } };
      const timer = setTimeout(() => fail(new Error('no answer')), PATIENCE);
      if (this.#over || this.#socket.readyState !== WebSocket.OPEN) {
        fail(new Error('closed'));
        return;
      }
      this.#waiting.set(transaction, { done, fail });
      this.#socket.send(JSON.stringify({ transaction, token: this.token, ...this.#session > 0 && { session_id: this.#session }, ...words }));
    });
  }

  async attach(hear: (told: Told) => void): Promise<Handle> {
    const answer = await this.say({ janus: 'attach', plugin: PLUGIN });
    const id = Number((answer.data as Json).id);
    this.#handles.set(id, hear);
    return new Handle(this, id, () => this.#handles.delete(id));
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    for (const { fail } of [...this.#waiting.values()]) fail(new Error('closed'));
    this.#socket.close();
    this.#handles.clear();
    this.lost();
  }
}

export class Handle {
  #janus: Janus; #id: number; #forget: () => void;

  constructor(janus: Janus, id: number, forget: () => void) {
    this.#janus = janus;
    this.#id = id;
    this.#forget = forget;
  }

  /** Asks the room something. */
  async ask(body: Json, jsep?: Jsep): Promise<Said> {
    const answer = await this.#janus.say({ janus: 'message', handle_id: this.#id, body, ...jsep && { jsep } }, ({ janus }) => janus !== 'ack');
    const { data } = answer.plugindata as { data: Json };
    if (data.error_code) throw new Refusal(Number(data.error_code), String(data.error));
    return { data, jsep: answer.jsep as Jsep | undefined };
  }

  trickle(candidate: RTCIceCandidate | null): void {
    void this.#janus.say({ janus: 'trickle', handle_id: this.#id, candidate: candidate?.toJSON() ?? { completed: true } }).catch(() => {}); // over already
  }

  detach(): void {
    this.#forget();
    void this.#janus.say({ janus: 'detach', handle_id: this.#id }).catch(() => {}); // the same
  }
}
