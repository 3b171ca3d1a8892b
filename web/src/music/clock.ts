// SPDX-License-Identifier: MIT
// The server's clock, to a few milliseconds. Of some questions for the time the one that was answered fastest is believed,
// as it tells best when in between the server looked at its clock (as NTP does).
import type { Got } from 'maru-client';
import { maru } from '../maru';

const SAMPLES = 5;
const AGAIN = 60000; // clocks drift apart by some milliseconds a minute
const LOOK = 1000;
const JUMP = 500; // that the two clocks of this device disagree by after it was asleep, or somebody has set one

interface Sample { trip: number; offset: number }

let offset: number | null = null; // of the server's time to performance.now(), which nobody sets
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;
let measured = -Infinity;
let apart = 0;

async function sample(): Promise<Sample> {
  const sent = performance.now();
  const { now } = await maru.http.send('GET', '/v1/time') as Got<'/v1/time'>;
  const received = performance.now();
  return { trip: received - sent, offset: Date.parse(now) - (sent + received) / 2 };
}

async function measure(): Promise<void> {
  measured = performance.now();
  apart = Date.now() - performance.now();
  const samples: Sample[] = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await sample());
  offset = samples.reduce((best, one) => (one.trip < best.trip ? one : best)).offset;
}

// What can't be measured now is with the next look; until then it goes on as it did.
let running: Promise<void> | null = null;
function again(): Promise<void> {
  return running ??= measure().catch(() => { measured = -Infinity; }).finally(() => { running = null; });
}

function look(): void {
  const jumped = Math.abs(Date.now() - performance.now() - apart) > JUMP;
  if (jumped || performance.now() - measured > AGAIN) void again();
}

/** The time at the server, in milliseconds; before it was measured, as far as its other answers tell. */
export const serverNow = (): number => (offset === null ? maru.http.now : performance.now() + offset);

/** Keeps the time measured until the function that it returns is called; ready: when it is for the first time. */
export function keepTime(): { ready: Promise<void>; end: () => void } {
  if (users++ === 0) timer = setInterval(look, LOOK);
  const ready = again();
  let ended = false;
  return { ready, end: () => {
    if (ended) return;
    ended = true;
    if (--users === 0) clearInterval(timer);
  } };
}
