// SPDX-License-Identifier: MIT
// The call that this window is in: from the wish to the end.
import { effect, signal, untracked } from '@preact/signals';
import { newId, Problem, quietly } from 'maru-client';
import { maru, rest } from '../maru';
import { problemText } from '../problem';
import { t, type TextKey } from '../i18n';
import { Media, MediaError } from './media';
import type { Line, Other } from './line';
import { Mesh } from './mesh';
import { calls, ended, hear, hush, interrupted, keepCall, learn, others, seatIn, talk, type Call, type CallError, type Ended, type Talk, type TalkState } from './state';
import { deviceText, spanText } from './words';

const STAYS = 8000; // milliseconds that the outcome is shown

export const current = signal<Session | null>(null);

// ---- what the server is asked for

let known: { servers: RTCIceServer[]; until: number } | null = null;

async function iceServers(): Promise<RTCIceServer[]> {
  if (known && known.until > Date.now()) return known.servers;
  try {
    const { ice_servers: servers, ttl } = await rest.get('/v1/ice-servers', {}, { tries: 2 });
    known = { servers, until: Date.now() + ttl * 500 };
    return servers;
  } catch {
    return []; // neighbours find each other without
  }
}

const path = (call: number): string => `/v1/calls/${call}/members/me`;

type Enter = (peer: string) => Promise<unknown>;

async function enter(room: number, video: boolean, ask: Enter): Promise<void> {
  if (current.peek()?.room === room) return; // a second click
  void current.peek()?.leave();
  interrupted.value = 0;
  const session = current.value = new Session(room, video);
  await session.begin(video, ask);
}

/** Calls: rings the other one of a direct room, opens the call of any other room, or joins the one that is there. */
export const start = (room: number, video: boolean): Promise<void> =>
  enter(room, video, (peer) => rest.post('/v1/rooms/{room}/calls', { room }, { peer, video }));

/** Joins, accepts, or takes the own seat over from another window. */
export async function join(call: Call, video: boolean): Promise<void> {
  hush(call.id);
  await enter(call.room, video, (peer) => rest.put('/v1/calls/{call}/members/me', { call: call.id }, { peer }));
  if (talk.peek()?.over) hush(call.id, false); // it still rings, if it does
}

export async function reject(call: Call): Promise<void> {
  hush(call.id);
  await rest.delete('/v1/calls/{call}/members/me', { call: call.id }).catch(() => {}); // it is over already, or will be soon
}

/** Rings somebody of the room. Rejects with a Problem. */
export async function ring(user: number): Promise<void> {
  const { call = 0 } = talk.peek() ?? {};
  await learn(() => rest.put('/v1/calls/{call}/members/{user}', { call, user }));
}

// ---- how it ends

const REFUSALS: Record<string, [TalkState, TextKey]> = {
  'callee-busy': ['rejected', 'callBusy'],
  'unreachable': ['failed', 'callUnreachable'],
  'not-sendable': ['failed', 'callUnreachable'],
  'call-full': ['failed', 'callFull'],
  'not-found': ['ended', 'callGone'],
};

const REASONS: Record<string, [TalkState, TextKey]> = {
  unanswered: ['ended', 'callUnanswered'],
  rejected: ['rejected', 'callRejected'],
  offline: ['failed', 'callOffline'],
  cancelled: ['ended', 'callCancelled'],
  moved: ['ended', 'callMoved'],
  lost: ['ended', 'callLost'],
  left: ['ended', 'callEnded'],
};

// ---- how it goes

function stateOf(all: readonly Other[], call: Call, wasConnected: boolean, away: boolean): { state: TalkState; error?: CallError } {
  if (away) return { state: 'failed', error: 'CONNECTION_FAILED' };
  if (all.length === 0) return { state: call.members.some(({ state }) => state === 'ringing') ? 'requesting' : 'connected' };
  const is = (...states: string[]) => all.some(({ state }) => states.includes(state));
  if (is('connected')) return { state: 'connected', ...all.some(({ link }) => link.verdict !== 'good') && { error: 'QUALITY_WARNING' as const } };
  if (is('waiting', 'connecting', 'reconnecting')) return { state: wasConnected || is('reconnecting') ? 'reconnecting' : 'connecting' };
  return { state: 'failed', error: all.some(({ link }) => link.heard) ? 'CONNECTION_FAILED' : 'TIMEOUT' };
}

export class Session {
  readonly peer = newId();
  readonly media = new Media();
  readonly line = signal<Line | null>(null);
  readonly room: number;
  #offs: (() => void)[] = []; #over = false; #checking = false; #call = 0;

  constructor(room: number, video: boolean) {
    this.room = room;
    talk.value = { state: 'requesting', room, call: 0, peer: this.peer, video, over: false };
  }

  #set(changes: Partial<Talk>): void {
    const now = talk.peek();
    if (now?.peer === this.peer) talk.value = { ...now, ...changes };
  }

  async begin(video: boolean, ask: Enter): Promise<void> {
    try {
      await this.media.open(video);
      if (this.#over) return;
      const call = await learn(() => ask(this.peer));
      this.#call = call.id;
      if (this.#over) {
        void this.#depart();
        return;
      }
      this.#set({ call: call.id });
      await this.#follow(call);
    } catch (problem) {
      if (this.#over) return;
      if (problem instanceof MediaError) this.#finish('failed', deviceText(problem), problem.code);
      else if (problem instanceof Problem) this.#refused(problem);
      else throw problem;
    }
  }

  #refused(problem: Problem): void {
    const [state, text] = REFUSALS[problem.slug] ?? ['failed' as const, null];
    this.#finish(state, text ? t(text) : problemText(problem));
  }

  // What many need is loaded with the first call of that kind; null: it could not be.
  async #open(call: Call): Promise<Line | null> {
    const { media, peer } = this;
    const Kind = call.via === 'sfu' ? await import('./sfu').then(({ Sfu }) => Sfu, () => null) : Mesh;
    return Kind && new Kind({ call: call.id, peer, servers: iceServers, tracks: () => media.tracks, on: () => media.on.peek(), stranger: () => void this.#check() });
  }

  async #follow(call: Call): Promise<void> {
    const { media, room } = this;
    const line = await this.#open(call);
    if (this.#over || !line) {
      line?.close();
      void this.#depart();
      this.#finish('failed', t('callFailed'), 'CONNECTION_FAILED');
      return;
    }
    this.line.value = line;
    media.changed = () => line.refresh();
    // Of a room that is not among those that are listened to, too.
    this.#offs.push(maru.listen(quietly(`presence-room-${room}`), (event, data) => hear(room, event, data)));
    this.#offs.push(effect(() => {
      const [now, end] = [calls.value.get(room), ended.value];
      untracked(() => this.#look(now, end));
    }));
    this.#offs.push(effect(() => {
      const all = line.others.value;
      void line.away?.value;
      untracked(() => this.#judge(all));
    }));
    const hidden = () => this.#hide();
    addEventListener('pagehide', hidden);
    this.#offs.push(() => removeEventListener('pagehide', hidden));
    media.changed();
  }

  #look(call: Call | undefined, end: Ended | null): void {
    if (end?.id === this.#call) this.#ended(end.reason, end.duration);
    else if (call?.id !== this.#call || seatIn(call)?.peer !== this.peer) void this.#check();
    else {
      this.line.peek()?.members(others(call));
      this.#judge(this.line.peek()?.others.peek() ?? []);
    }
  }

  // What was heard may be older than what this window has done since: the server knows.
  async #check(): Promise<void> {
    if (this.#checking || this.#over) return;
    this.#checking = true;
    try {
      const call = await learn(() => rest.get('/v1/calls/{call}', { call: this.#call }));
      const seat = seatIn(call);
      if (seat?.state !== 'in') this.#ended('lost', 0);
      else if (seat.peer !== this.peer) this.#ended('moved', 0);
      else this.line.peek()?.members(others(call));
    } catch (problem) {
      if (problem instanceof Problem && [403, 404].includes(problem.status)) this.#ended('left', 0);
    } finally {
      this.#checking = false;
    }
  }

  #judge(all: readonly Other[]): void {
    const call = calls.peek().get(this.room);
    if (this.#over || call?.id !== this.#call) return;
    const { since } = talk.peek() ?? {};
    const { state, error } = stateOf(all, call, since !== undefined, this.line.peek()?.away?.peek() ?? false);
    this.#set({ state, error, ...since === undefined && all.length > 0 && state === 'connected' && { since: Date.now() } });
  }

  // ---- the end

  get #span(): number { return Date.now() - (talk.peek()?.since ?? Date.now()); }

  #ended(reason: string, duration: number): void {
    const [state, key] = REASONS[reason] ?? REASONS.left!;
    const time = duration || this.#span;
    this.#finish(state, time > 0 && (reason === 'left' || reason === 'lost') ? `${t(key)} · ${spanText(time)}` : t(key));
  }

  #finish(state: TalkState, outcome: string, error?: CallError): void {
    if (this.#over) return;
    this.#close();
    this.#set({ state, outcome, error, over: true });
    const shown = talk.peek();
    if (state !== 'failed') setTimeout(() => { if (talk.peek() === shown) talk.value = null; }, STAYS);
  }

  #close(): void {
    this.#over = true;
    keepCall(0);
    for (const off of this.#offs) off();
    this.line.peek()?.close();
    this.media.close();
    if (current.peek() === this) current.value = null;
  }

  async #depart(keepalive = false): Promise<void> {
    if (this.#call > 0) await maru.http.call('DELETE', path(this.#call), undefined, { keepalive }).catch(() => {}); // or the server misses this window soon
  }

  /** Hangs up. Resolves when the server knows of it. */
  async leave(): Promise<void> {
    if (this.#over) return;
    const span = this.#span;
    const departed = this.#depart();
    this.#finish('ended', talk.peek()?.since === undefined ? t('callCancelled') : `${t('callEnded')} · ${spanText(span)}`);
    await departed;
  }

  // The window is closed, or loaded anew; then it offers to come back.
  #hide(): void {
    void this.#depart(true);
    this.#close();
    talk.value = null;
    keepCall(this.room);
  }
}
