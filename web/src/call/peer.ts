// SPDX-License-Identifier: MIT
// The connection to one other window in a call, by "perfect negotiation" (W3C): both may offer at any time, and where both do at
// once the polite one gives way. There is one place for sound and one for a picture from the beginning; what goes through
// them changes by replaceTrack, so nothing has to be negotiated again for it.
import type { LinkState, Track } from './line';
import { adapt, FULL, judge, limit, Meter, type Metrics, type Verdict } from './quality';
import type { Part } from './wire';

export interface LinkOptions {
  /** The one with the smaller id: begins, and gives way. */
  polite: boolean;
  /** The servers by which a way is found, as they are now; they hold for a while only. */
  servers: () => Promise<RTCIceServer[]>;
  say: (part: Part) => void;
  /** What goes to the other one. */
  tracks: () => { audio: Track; video: Track };
  changed: () => void;
}

const TRIES = 3; // restarts of ICE
const PATIENCE = 6000; // milliseconds until the next one
const HOLE = 2500; // a connection may come back by itself so long

export class Link {
  /** What comes from the other one. */
  readonly stream = new MediaStream();
  state: LinkState = 'waiting';
  verdict: Verdict = 'good';
  metrics: Metrics | null = null;
  /** Whether anything was heard of the other one. */
  heard = false;
  #options: LinkOptions; #pc: RTCPeerConnection; #meter = new Meter();
  #making = false; #owed = false; #ignoring = false; #settling = false; #tries = 0; #restarts = 0; #bad = 0; #level = FULL; #good = 0;
  #timer: ReturnType<typeof setTimeout> | undefined; #closed = false; #queue: Promise<void> = Promise.resolve(); #ready: Promise<void>;

  constructor(options: LinkOptions) {
    this.#options = options;
    const pc = this.#pc = new RTCPeerConnection();
    this.#ready = this.#prepare();
    pc.onnegotiationneeded = () => void this.#offer();
    pc.onicecandidate = ({ candidate }) => { if (candidate) options.say({ candidates: [candidate.toJSON()] }); };
    pc.onconnectionstatechange = () => this.#moved();
    pc.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      options.changed();
    };
    this.#expect(PATIENCE);
  }

  // Looks up the servers, before a way is looked for.
  async #prepare(): Promise<void> {
    const iceServers = await this.#options.servers();
    if (!this.#closed) this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
  }

  #restart(): void {
    this.#ready = this.#prepare();
    this.#pc.restartIce();
  }

  /** The other one is there. */
  greet(): void {
    this.heard = true;
    const isLost = this.state === 'failed' || /^(disconnected|failed)$/.test(this.#pc.connectionState);
    if (this.state === 'failed') this.#tries = 0;
    if (this.state === 'waiting' || this.state === 'failed') this.#set('connecting');
    if (this.#options.polite && this.#pc.getTransceivers().length === 0) this.#begin();
    else if (isLost) this.#nudge();
  }

  #begin(): void {
    const { audio, video } = this.#options.tracks();
    for (const [kind, track] of [['audio', audio], ['video', video]] as const) {
      const transceiver = this.#pc.addTransceiver(track ?? kind, { direction: 'sendrecv' });
      if (kind === 'video') preferFew(transceiver);
    }
    if (this.#owed) void this.#offer();
    this.#expect(PATIENCE);
  }

  async #offer(): Promise<void> {
    await this.#ready;
    if (this.#closed) return;
    // Chromium asks for an offer when it is told of other servers, though there is nothing to offer yet, and then not again. The
    // empty one would stand in the way of the other side's.
    this.#owed = this.#pc.getTransceivers().length === 0;
    if (this.#owed) return;
    try {
      this.#making = true;
      await this.#pc.setLocalDescription();
      this.#tell();
    } catch (error) {
      if (!this.#closed) throw error;
    } finally {
      this.#making = false;
    }
  }

  #tell(): void {
    const { localDescription } = this.#pc;
    if (localDescription && !this.#closed) this.#options.say({ description: { type: localDescription.type, sdp: localDescription.sdp } });
  }

  /** Takes what the other one says, one after the other. */
  hear(part: Part): void {
    this.heard = true;
    this.#queue = this.#queue.then(() => this.#take(part)).catch(() => { // of a connection that is over, or one that never was
      if (!this.#closed && this.#pc.connectionState !== 'connected') this.#expect(HOLE);
    });
  }

  async #take({ description, candidates = [] }: Part): Promise<void> {
    await this.#ready;
    if (this.#closed) return;
    if (description) await this.#describe(description);
    for (const candidate of candidates) {
      await this.#pc.addIceCandidate(candidate).catch((error) => { if (!this.#ignoring) throw error; });
    }
  }

  async #describe(description: RTCSessionDescriptionInit): Promise<void> {
    const pc = this.#pc;
    const isReady = !this.#making && (pc.signalingState === 'stable' || this.#settling);
    const collides = description.type === 'offer' && !isReady;
    this.#ignoring = !this.#options.polite && collides;
    if (this.#ignoring || (description.type === 'answer' && pc.signalingState === 'stable')) return;
    if (this.state === 'waiting') this.#set('connecting');
    this.#settling = description.type === 'answer';
    await pc.setRemoteDescription(description).finally(() => { this.#settling = false; });
    if (description.type !== 'offer') return;
    for (const transceiver of pc.getTransceivers()) transceiver.direction = 'sendrecv';
    await this.refresh();
    await pc.setLocalDescription();
    this.#tell();
  }

  /** Sends what the tracks are now. */
  async refresh(): Promise<void> {
    const tracks = this.#options.tracks();
    await Promise.all(this.#pc.getTransceivers().map(({ sender, receiver }) => {
      const track = tracks[receiver.track.kind as 'audio' | 'video'];
      return sender.track === track ? undefined : sender.replaceTrack(track);
    }));
  }

  // ---- how it goes

  #set(state: LinkState): void {
    if (this.state === state || this.#closed) return;
    this.state = state;
    this.#options.changed();
  }

  #moved(): void {
    const { connectionState } = this.#pc;
    if (connectionState === 'connected') {
      clearTimeout(this.#timer);
      this.#tries = 0;
      this.#set('connected');
    } else if (connectionState === 'disconnected') {
      this.#set('reconnecting');
      this.#expect(HOLE);
    } else if (connectionState === 'failed') this.#again();
  }

  #expect(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (this.#pc.connectionState !== 'connected') this.#again(); }, ms);
  }

  // Tries once more, or gives up.
  #again(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    if (this.#tries++ >= TRIES) {
      this.#set('failed');
      return;
    }
    if (this.state === 'connected') this.#set('reconnecting');
    this.#nudge();
  }

  // What was said may have got lost on the way.
  #nudge(): void {
    if (this.#pc.signalingState === 'have-local-offer') this.#tell();
    else if (this.#pc.getTransceivers().length > 0) this.#restart();
    else this.#options.say({ hello: true });
    this.#expect(PATIENCE);
  }

  // ---- its quality

  /** Every 2 s. most: what may be sent at all. */
  async measure(most: number): Promise<void> {
    if (this.state !== 'connected') return;
    const metrics = this.#meter.take(await this.#pc.getStats());
    if (this.#closed || !metrics) return;
    this.metrics = metrics;
    const verdict = judge(metrics);
    if (verdict !== this.verdict) {
      this.verdict = verdict;
      this.#options.changed();
    }
    this.#bad = verdict === 'bad' ? this.#bad + 1 : 0;
    this.#good = verdict === 'good' ? this.#good + 1 : 0;
    await this.#limit(adapt(this.#level, verdict, this.#good, most));
    // Once may be a hiccup. It goes on as it is when that did not help.
    if (this.#bad < 2 || this.#restarts >= TRIES) return;
    this.#bad = 0;
    this.#restarts++;
    this.#restart();
  }

  async #limit(level: number): Promise<void> {
    if (level !== this.#level) this.#good = 0;
    this.#level = level;
    await limit(this.#pc.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender, level);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#pc.close();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
  }
}

const KINDS = /^video\/(VP8|VP9|H264|rtx)$/i;

// A browser has a dozen ways to write H.264, and an offer with all of them is larger than what one may say.
function preferFew(transceiver: RTCRtpTransceiver): void {
  const all = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  const few = all.filter(({ mimeType, sdpFmtpLine = '' }) => KINDS.test(mimeType) && !/profile-id=[123]|packetization-mode=0|profile-level-id=(4d|64|f4)/i.test(sdpFmtpLine));
  if (few.length > 0) transceiver.setCodecPreferences?.(few);
}
