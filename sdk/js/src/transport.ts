// SPDX-License-Identifier: MIT
// What a connection to maru-push is, whichever way it goes: socket.ts and sse.ts are two, link.ts chooses.

/** The place in a stream: the last event that one has. */
export interface Place { seq: number; mid: string }

/** stopped; connecting; connected; waiting: the next attempt comes by itself; ended: the server does not want us. */
export type State = 'stopped' | 'connecting' | 'connected' | 'waiting' | 'ended';
export interface StateInfo { code?: number; ms?: number }

export type Data = Record<string, unknown>;

export interface Listener {
  state(state: State, info: StateInfo): void;
  /** Events of channels as they come, and besides:
   *  `subscribed` (data of pusher_internal:subscription_succeeded), after which something may be missing;
   *  `refused` { status }: this subscription will not come about.
   *  user: who says it, by the server's word, where a client does (`client-...`) in a presence channel. */
  event(channel: string, event: string, data: Data, user?: string): void;
}

export interface Transport {
  readonly state: State;
  start(): void;
  stop(): void;
  /** The network may be back: do not wait any longer. */
  wake(): void;
  /** place: where to go on, asked each time that it is needed. */
  subscribe(channel: string, place: () => Place | null): void;
  unsubscribe(channel: string): void;
  /** An event of a client for the others in a channel; lost without a connection. False: it was not sent. */
  trigger(channel: string, event: string, data: Data): boolean;
}

export interface Grant { auth?: string; channel_data?: string; error?: unknown; status?: number }
/** Signatures for channels, by POST /v1/realtime/auth. */
export type Authorize = (socketId: string, channels: string[]) => Promise<Record<string, Grant>>;

export const isGuarded = (channel: string): boolean => /^(private|presence)-/.test(channel);

/** The place of an event that is in the log; null for all others. What clients send may look like one, and is none. */
export const placeOf = (event: string, { seq, mid }: Data): Place | null =>
  (typeof seq === 'number' && typeof mid === 'string' && !event.startsWith('client-') ? { seq, mid } : null);
