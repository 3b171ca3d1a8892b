// SPDX-License-Identifier: MIT
// Plays the music of a room in step with everybody else there. Two decks take turns: while one plays, the other one fetches
// the beginning of what is next.
import { batch, effect, signal } from '@preact/signals';
import { store } from '../store';
import { keepTime, serverNow } from './clock';
import { Deck, early } from './deck';
import { listening } from './listening';
import { musicOf, type Source } from './source';
import { neighbour, placeAt, type Place, type Track } from './timeline';

const TICK = 500;
const AHEAD = 12000; // before its beginning a track is fetched
const RETRY = 5000; // until the second attempt; each one after it takes twice as long to come
const RARELY = 300000;

/** on; blocked: the browser wants a click first; resting: silent for oneself, until one wants to go on. */
export const state = signal<'off' | 'on' | 'blocked' | 'resting'>('off');
/** The track whose turn it is in the room that one listens to. */
export const playing = signal<Track | null>(null);
/** Tracks that this browser could not play. */
export const broken = signal<ReadonlySet<number>>(new Set());
/** 0 to 100, of this device. */
export const volume = signal(Math.min(100, Math.max(0, Number(store.get('music.volume') ?? 70) || 0)));
export const muted = signal(store.get('music.muted') === 'true');

interface Session { source: Source; timed: boolean; end: () => void }
let session: Session | null = null;
let failed = { track: 0, at: 0, wait: 0 };
let soon: ReturnType<typeof setTimeout> | undefined;

function present(): Place | null {
  const music = session?.timed ? session.source.music.peek() : null;
  return music ? placeAt(music, serverNow()) : null;
}

function makeDecks(): [Deck, Deck] {
  const where = (deck: Deck): number | null => {
    const place = present();
    return place && place.track.id === deck.track?.id ? place.position : null;
  };
  const on = { blocked: () => { if (state.peek() === 'on') state.value = 'blocked'; }, failed: onFailed };
  const both: [Deck, Deck] = [new Deck(on, where), new Deck(on, where)];
  effect(() => {
    for (const { audio } of both) {
      audio.volume = volume.value / 100;
      audio.muted = muted.value;
    }
    store.set('music.volume', String(volume.value));
    store.set('music.muted', String(muted.value));
  });
  for (const { audio } of both) audio.addEventListener('playing', () => { if (audio === decks[0].audio) works(Number(audio.dataset.track)); });
  return both;
}
const decks = makeDecks(); // the first one is heard

function works(track: number): void {
  if (broken.peek().has(track)) broken.value = new Set([...broken.peek()].filter((id) => id !== track));
}

// Perhaps it can't be played, perhaps the login had to be renewed, which a question does. For the others it goes on, so it is
// tried again only while it lasts.
function onFailed(track: Track): void {
  if (track !== decks[0].track) {
    decks[1].stop(); // its turn will come
    return;
  }
  failed = { track: track.id, at: performance.now(), wait: failed.track === track.id ? Math.min(RARELY, failed.wait * 2) : RETRY };
  broken.value = new Set([...broken.peek(), track.id]);
  decks[0].stop();
  void session?.source.reload();
}

const isFailed = ({ id }: Track): boolean => failed.track === id && performance.now() - failed.at < failed.wait;

// Which deck has what is to be heard now.
function choose({ track, position }: Place): Deck | null {
  const [front, back] = decks;
  const isOver = front.track?.id !== track.id || (back.track?.id === track.id && (front.drift ?? 0) > position + TICK); // the only track, anew
  if (!isOver) return front;
  if (isFailed(track)) return null;
  if (back.track?.id === track.id) {
    decks.reverse();
    front.stop();
  } else front.load(track);
  return decks[0];
}

function prepare({ track, position }: Place): void {
  const left = track.duration - position;
  const music = session!.source.music.peek()!;
  const next = neighbour(music, track.id, 1);
  if (left < AHEAD && next && decks[1].track?.id !== next.id) decks[1].load(next);
  else if (left > TICK * 2 && !decks[1].audio.paused) decks[1].stop(); // its turn had come, but somebody went back
  clearTimeout(soon);
  // The one begins while the other ends: both take a moment.
  if (left < TICK * 2 && next) soon = setTimeout(() => {
    if (decks[1].track?.id === next.id && decks[1].audio.paused) void decks[1].start();
    soon = setTimeout(tick, Math.min(left, early()) + 1);
  }, left - early());
}

function tick(): void {
  const place = present();
  playing.value = place?.track ?? null;
  if (state.peek() !== 'on' || !place || session!.source.music.peek()!.state !== 'playing') {
    for (const deck of decks) deck.pause();
    return;
  }
  choose(place)?.follow();
  prepare(place);
}

function begin(room: number): Session {
  const { source, end } = musicOf(room);
  const time = keepTime();
  const timer = setInterval(tick, TICK);
  const offs = [effect(() => {
    void source.music.value;
    queueMicrotask(tick);
  }), effect(() => { if (source.lost.value) queueMicrotask(stop); })];
  const made: Session = { source, timed: false, end: () => {
    for (const off of offs) off();
    clearInterval(timer);
    clearTimeout(soon);
    time.end();
    end();
  } };
  void time.ready.then(() => {
    made.timed = true;
    tick();
  });
  return made;
}

/** Listens to the music of a room, or goes on doing so. */
export function listen(room: number): void {
  if (session?.source.room !== room) {
    stop();
    session = begin(room);
    // Browsers that mind each element let it play from then on: this is the click.
    for (const { audio } of decks) audio.load();
  }
  batch(() => {
    listening.value = room;
    state.value = 'on';
  });
  tick();
}

/** Silent, for oneself. */
export function pause(): void {
  if (session) state.value = 'resting';
  tick();
}

export function stop(): void {
  session?.end();
  session = null;
  for (const deck of decks) deck.stop();
  batch(() => {
    listening.value = 0;
    state.value = 'off';
    playing.value = null;
    broken.value = new Set();
  });
}

// The keys of a keyboard, or of headphones.
if ('mediaSession' in navigator) {
  navigator.mediaSession.setActionHandler('play', () => { if (session) listen(session.source.room); });
  navigator.mediaSession.setActionHandler('pause', pause);
  effect(() => { navigator.mediaSession.metadata = playing.value && state.value === 'on' ? new MediaMetadata({ title: playing.value.title }) : null; });
}
