// SPDX-License-Identifier: MIT
// Tells of news by sound and on the desktop. Of several windows the one that leads the connection does it, and
// none if somebody looks at the page: what they see there is enough. Which windows are looked at, and at which
// room, is told by the names of Web Locks that they hold.
import { effect } from '@preact/signals';
import { maru, me } from '../maru';
import { go } from '../router';
import { watched } from '../rooms/unread';
import { wish, wishes } from './state';
import type { Toast } from './toasts';

const looking = (): string => `maru.look.${me.peek()?.id}.`;

/** While this window is looked at, others know of it. */
export function showWatch(): void {
  let end: (() => void) | null = null;
  let now = '';
  const take = () => {
    const name = document.hidden ? '' : looking() + watched.value;
    if (name === now) return;
    now = name;
    end?.();
    end = null;
    if (name) void navigator.locks?.request(name, { mode: 'shared' }, () => new Promise<void>((resolve) => {
      if (now === name) end = resolve;
      else resolve();
    })).catch(() => {});
  };
  effect(take);
  document.addEventListener('visibilitychange', take);
}

/** The rooms that are looked at in any window; 0 stands for something else than a room. */
async function looks(): Promise<number[]> {
  const held = await navigator.locks?.query().then((all) => all.held ?? [], () => []);
  if (!held) return document.hidden ? [] : [watched.peek()];
  return held.map(({ name = '' }) => name).filter((name) => name.startsWith(looking())).map((name) => Number(name.slice(looking().length)));
}

let audio: AudioContext | null = null;
/** Two soft tones; nothing where the browser wants a click first. */
export function ring(): void {
  audio ??= new AudioContext();
  void audio.resume();
  [660, 880].forEach((frequency, i) => {
    const [tone, volume, at] = [audio!.createOscillator(), audio!.createGain(), audio!.currentTime + i * 0.12];
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    tone.connect(volume).connect(audio!.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  });
}

function onDesktop({ key, title, text, path }: Toast): Notification | null {
  try {
    const note = new Notification(title, { body: text, tag: key, icon: 'favicon.svg' });
    note.onclick = () => {
      window.focus();
      go(path);
      note.close();
    };
    return note;
  } catch {
    return null; // phones have notifications of service workers only
  }
}

/** Tells it on the desktop, if that is wished and nobody looks at the page. Resolves with what takes it away again. */
export async function tellDesktop(toast: Toast): Promise<() => void> {
  const isWanted = maru.hub.isLeader && wishes.desktop.peek() && (await looks()).length === 0;
  const note = isWanted ? onDesktop(toast) : null;
  return () => note?.close();
}

/** Something has happened that one wants to be told of. */
export async function alertOf(toast: Toast): Promise<void> {
  if (!maru.hub.isLeader || (!wishes.sound.peek() && !wishes.desktop.peek())) return;
  const seen = await looks();
  if (toast.room !== undefined && seen.includes(toast.room)) return;
  if (wishes.sound.peek()) ring();
  if (wishes.desktop.peek() && seen.length === 0) onDesktop(toast);
}

/** Asks the browser for leave, which it only gives after a click. Resolves with whether it is given. */
export async function allowDesktop(): Promise<boolean> {
  const granted = globalThis.Notification !== undefined && await Notification.requestPermission() === 'granted';
  wish('desktop', granted);
  return granted;
}
