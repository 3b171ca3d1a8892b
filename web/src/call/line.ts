// SPDX-License-Identifier: MIT
// What a call looks like to the page, whichever way its pictures and sounds go: from browser to browser (mesh.ts), or through a
// server (sfu.ts).
import type { ReadonlySignal } from '@preact/signals';
import type { TrackState } from './media';
import type { Verdict } from './quality';
import type { CallMember } from './state';

export type LinkState = 'waiting' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
export type Track = MediaStreamTrack | null;

/** What comes from somebody else. */
export interface Way {
  readonly stream: MediaStream;
  readonly verdict: Verdict;
  /** Whether anything was heard of them. */
  readonly heard: boolean;
}

/** Somebody else in the call. */
export interface Other { user: number; peer: string; link: Way; state: LinkState; on: TrackState | null }

export interface LineOptions {
  call: number;
  peer: string;
  /** The servers by which a way is found, as they are now; they hold for a while only. */
  servers: () => Promise<RTCIceServer[]>;
  /** What goes to the others. */
  tracks: () => { audio: Track; video: Track };
  on: () => TrackState;
  /** Somebody speaks of whom nothing is known yet, or it seems that one is not in the call any more. */
  stranger: () => void;
}

export interface Line {
  /** In the order in which they came. */
  readonly others: ReadonlySignal<readonly Other[]>;
  /** The server that the call goes through does not answer. */
  readonly away?: ReadonlySignal<boolean>;
  /** Who takes part now. */
  members(all: CallMember[]): void;
  /** Other tracks are to be sent, and the others are told what is on. */
  refresh(): void;
  /** Tries anew with those to whom there is no connection. */
  retry(): void;
  close(): void;
}

export const SILENT: TrackState = { mic: false, camera: false, screen: false };
