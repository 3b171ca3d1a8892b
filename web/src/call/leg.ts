// SPDX-License-Identifier: MIT
// The connections between this window and Janus: one that all goes up by, and one for what comes from each of the others.
import type { Handle, Janus, Told } from './janus';
import type { LinkState, LineOptions, Way } from './line';
import { adapt, FULL, judge, limit, Meter, type Verdict } from './quality';

/** Where one is in Janus; id: the right to listen that goes with being there. */
export interface Place { room: number; feed: number; token: string; id: number }

const PATIENCE = 10000; // milliseconds until a connection stands

// A connection and its handle, from the beginning to the end.
class Leg {
  readonly pc: RTCPeerConnection;
  handle: Handle | null = null;
  isOver = false;
  #timer: ReturnType<typeof setTimeout>; #early: (RTCIceCandidate | null)[] = []; #ended: () => void;

  constructor(servers: RTCIceServer[], moved: () => void, ended: () => void) {
    this.#ended = ended;
    const pc = this.pc = new RTCPeerConnection({ iceServers: servers });
    this.#timer = setTimeout(() => { if (pc.connectionState !== 'connected') this.end(); }, PATIENCE);
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'failed') this.end();
      else moved();
    };
    pc.onicecandidate = ({ candidate }) => {
      if (this.handle) this.handle.trickle(candidate);
      else this.#early.push(candidate);
    };
  }

  async attach(janus: Janus, hear: (told: Told) => void): Promise<Handle> {
    const handle = await janus.attach((told) => {
      if (told.kind === 'hangup' || told.kind === 'detached') this.end();
      else hear(told);
    });
    if (this.isOver) {
      handle.detach();
      throw new Error('over');
    }
    this.handle = handle;
    for (const candidate of this.#early) handle.trickle(candidate);
    return handle;
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.#timer);
    this.pc.close();
    this.handle?.detach();
  }

  /** It came to an end that nobody wished. */
  end(): void {
    if (this.isOver) return;
    this.close();
    this.#ended();
  }
}

/** What goes up. */
export class Sender {
  #options: LineOptions; #leg: Leg | null = null; #meter = new Meter(); #level = FULL; #good = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Joins the room and sends; gives what Janus says of who is there. hear: what it says later. */
  async open(janus: Janus, ticket: Omit<Place, 'id'>, most: number, hear: (told: Told) => void, ended: () => void): Promise<{ place: Place; data: Told['data'] }> {
    const leg = new Leg(await this.#options.servers(), () => {}, ended);
    this.close();
    this.#leg = leg;
    const handle = await leg.attach(janus, hear);
    const { room, feed, token } = ticket;
    const { data } = await handle.ask({ request: 'join', ptype: 'publisher', room, id: feed, token });
    const { audio, video } = this.#options.tracks();
    for (const [kind, track] of [['audio', audio], ['video', video]] as const) leg.pc.addTransceiver(track ?? kind, { direction: 'sendonly' });
    await leg.pc.setLocalDescription();
    const { jsep } = await handle.ask({ request: 'publish' }, leg.pc.localDescription!);
    await leg.pc.setRemoteDescription(jsep!);
    this.#level = most;
    await this.refresh();
    return { place: { ...ticket, id: Number(data.private_id) }, data };
  }

  get #video(): RTCRtpSender | undefined { return this.#leg?.pc.getTransceivers()[1]?.sender; }

  /** Sends what the tracks are now. */
  async refresh(): Promise<void> {
    const { audio, video } = this.#options.tracks();
    const [sound, picture] = this.#leg?.pc.getTransceivers().map(({ sender }) => sender) ?? [];
    if (sound && sound.track !== audio) await sound.replaceTrack(audio);
    if (picture && picture.track !== video) await picture.replaceTrack(video);
    await limit(this.#video, this.#level);
  }

  /** Every 2 s. most: what may be sent at all. */
  async measure(most: number): Promise<void> {
    const leg = this.#leg;
    const metrics = leg?.pc.connectionState === 'connected' ? this.#meter.take(await leg.pc.getStats()) : null;
    if (!metrics || leg !== this.#leg) return;
    const verdict = judge(metrics);
    this.#good = verdict === 'good' ? this.#good + 1 : 0;
    const level = adapt(this.#level, verdict, this.#good, most);
    if (level !== this.#level) this.#good = 0;
    this.#level = level;
    await limit(this.#video, level);
  }

  close(): void {
    this.#leg?.close();
    this.#leg = null;
  }
}

/** What comes from one of the others. */
export class Receiver implements Way {
  readonly stream = new MediaStream();
  state: LinkState = 'waiting';
  verdict: Verdict = 'good';
  /** As which they publish; 0: it is not known, or not there any more. */
  feed = 0;
  heard = false;
  /** How often it went wrong since it went well. */
  tries = 0;
  #options: LineOptions; #changed: () => void; #ended: () => void; #leg: Leg | null = null; #meter = new Meter();

  constructor(options: LineOptions, changed: () => void, ended: () => void) {
    this.#options = options;
    this.#changed = changed;
    this.#ended = ended;
  }

  set(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.#changed();
  }

  async open(janus: Janus, { room, token, id }: Place, feed: number): Promise<void> {
    this.close();
    this.feed = feed;
    this.set(this.state === 'waiting' || this.state === 'failed' ? 'connecting' : this.state);
    const leg = new Leg(await this.#options.servers(), () => this.#moved(), () => this.#ended());
    if (this.feed !== feed || this.#leg) {
      leg.close(); // it was to be another one meanwhile
      return;
    }
    this.#leg = leg;
    leg.pc.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      this.#changed();
    };
    try {
      const handle = await leg.attach(janus, () => {});
      const { jsep } = await handle.ask({ request: 'join', ptype: 'subscriber', room, token, private_id: id, streams: [{ feed }] });
      await leg.pc.setRemoteDescription(jsep!);
      await leg.pc.setLocalDescription();
      await handle.ask({ request: 'start' }, leg.pc.localDescription!);
    } catch {
      leg.end(); // unless it is closed
    }
  }

  #moved(): void {
    const state = this.#leg?.pc.connectionState;
    if (state === 'connected') {
      this.tries = 0;
      this.set('connected');
    } else if (state === 'disconnected') this.set('reconnecting');
  }

  async measure(): Promise<void> {
    const leg = this.#leg;
    const metrics = this.state === 'connected' && leg ? this.#meter.take(await leg.pc.getStats()) : null;
    if (!metrics || leg !== this.#leg) return;
    const verdict = judge(metrics);
    if (verdict === this.verdict) return;
    this.verdict = verdict;
    this.#changed();
  }

  close(): void {
    this.feed = 0;
    this.#leg?.close();
    this.#leg = null;
    this.#meter = new Meter();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
  }
}
