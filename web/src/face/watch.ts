// SPDX-License-Identifier: MIT
// Looks whether somebody sits at their desk, stops their clock when they have gone, and lets it go on when they are back.
// The server hears of that, and of nothing else.
import { effect } from '@preact/signals';
import { own, sit } from '../study/own';
import { Camera } from './camera';
import { Presence, type Act } from './presence';
import { away, Lost, watching } from './state';

const LOCK = 'maru.face'; // one window of a browser is enough
const SURE = 0.5; // of 1

/** What the worker says, see web/worker/face.ts. */
interface Word { ask?: true; score?: number; failed?: true }

function follow(room: number, presence: Presence): () => void {
  return effect(() => {
    const desk = own.value?.desk;
    if (desk?.room === room) presence.clock(desk.state);
    away.value = presence.isAway;
  });
}

async function set(room: number, presence: Presence, state: Act, stop: AbortSignal): Promise<void> {
  away.value = presence.isAway;
  try {
    await sit(room, state);
  } catch {
    presence.failed();
    if (!stop.aborted) away.value = presence.isAway;
  }
}

/** Asks the worker about each picture until it is stopped. Rejects if the camera or the worker fails. */
async function look(room: number, stop: AbortSignal, camera: Camera, worker: Worker): Promise<void> {
  const presence = new Presence();
  const unfollow = follow(room, presence);
  const show = async () => {
    const picture = await camera.picture().catch(() => null);
    if (picture && !stop.aborted) worker.postMessage(picture, [picture.buffer]);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      stop.addEventListener('abort', () => resolve());
      camera.lost = () => reject(new Lost());
      worker.addEventListener('error', () => reject(new Error('the worker')));
      worker.addEventListener('message', ({ data }: MessageEvent<Word>) => {
        if (data.failed) reject(new Error('the worker'));
        if (data.ask) void show();
        const act = data.score === undefined || stop.aborted ? null : presence.look(data.score >= SURE, performance.now());
        if (act) void set(room, presence, act, stop);
      });
    });
  } finally {
    unfollow();
    away.value = false;
  }
}

async function run(room: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const camera = await Camera.open();
  if (stop.aborted) {
    camera.close();
    return;
  }
  const worker = new Worker('face.js');
  watching.value = true;
  try {
    await look(room, stop, camera, worker);
  } finally {
    watching.value = false;
    worker.terminate();
    camera.close();
  }
}

/** Resolves when it was stopped; rejects with a MediaError, Lost, or whatever keeps it from looking. */
export async function watch(room: number, stop: AbortSignal): Promise<void> {
  // A page that came unprotected has no locks; nor a camera, which is told.
  await (navigator.locks ? navigator.locks.request(LOCK, { signal: stop }, () => run(room, stop)) : run(room, stop));
}
