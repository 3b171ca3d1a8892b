// SPDX-License-Identifier: MIT
// One's own microphone, camera and screen, as long as a call lasts. Nothing of it is touched before somebody starts a call
// or accepts one.
import { signal } from '@preact/signals';
import { store } from '../store';
import type { CallError } from './state';

/** What of it is on. */
export interface TrackState { mic: boolean; camera: boolean; screen: boolean }
export type Kind = 'mic' | 'camera';
type Track = MediaStreamTrack | null;

export class MediaError extends Error {
  readonly code: CallError;
  /** Nobody is asked on a page that came unprotected. */
  readonly insecure: boolean;
  constructor(code: CallError, insecure = false) {
    super(code);
    this.code = code;
    this.insecure = insecure;
  }
}

// The browser's reasons, in words of ours.
function reasonOf(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  const name = error instanceof Error ? error.name : '';
  return new MediaError(name === 'NotAllowedError' || name === 'SecurityError' ? 'PERMISSION_DENIED' : 'DEVICE_NOT_FOUND');
}

// Of mind: the browser asks which screen, and the answer may be none. What the system refuses it names.
const isChange = (error: unknown): boolean => error instanceof Error && error.name === 'NotAllowedError' && !/system/i.test(error.message);

const KEYS = { mic: 'call.mic', camera: 'call.camera' };
/** Which device was chosen; '': whichever the browser takes. */
export const chosen = (kind: Kind): string => store.get(KEYS[kind]) ?? '';

// A device that was chosen once may not be there today, so it is a wish.
function wanted(kind: Kind, exact = false): MediaTrackConstraints {
  const id = chosen(kind);
  const device = id ? { deviceId: exact ? { exact: id } : id } : {};
  return kind === 'mic' ? { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    : { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
}

async function open(what: { audio?: MediaTrackConstraints; video?: MediaTrackConstraints }): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new MediaError('PERMISSION_DENIED', true);
  return navigator.mediaDevices.getUserMedia(what).catch((error) => { throw reasonOf(error); });
}

/** The chosen camera, with other numbers than those of a call. Rejects with a MediaError. */
export async function openCamera(numbers: MediaTrackConstraints): Promise<MediaStream> {
  return open({ video: { ...wanted('camera'), ...numbers } });
}

export class Media {
  readonly on = signal<TrackState>({ mic: false, camera: false, screen: false });
  /** What went wrong last; null: nothing. */
  readonly problem = signal<MediaError | null>(null);
  readonly devices = signal<MediaDeviceInfo[]>([]);
  /** What one sees of oneself. */
  readonly preview = signal<MediaStream | null>(null);
  /** The tracks are other ones. */
  changed = (): void => {};
  #audio: Track = null; #camera: Track = null; #screen: Track = null; #closed = false;

  /** Opens microphone and camera, or what there is of them. Rejects with a MediaError where there is neither. */
  async open(video: boolean): Promise<void> {
    const stream = await this.#first(video);
    if (this.#closed) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#audio = this.#watch(stream.getAudioTracks()[0] ?? null, 'mic');
    this.#camera = this.#watch(stream.getVideoTracks()[0] ?? null, 'camera');
    navigator.mediaDevices.addEventListener('devicechange', this.#list);
    void this.#list();
    this.#settle();
  }

  async #first(video: boolean): Promise<MediaStream> {
    const [audio, picture] = [{ audio: wanted('mic') }, { video: wanted('camera') }];
    try {
      return await open(video ? { ...audio, ...picture } : audio);
    } catch (error) {
      if (!video || reasonOf(error).insecure) throw error;
      // Without a camera one may still talk, and without a microphone be seen.
      const some = await open(audio).catch(() => (reasonOf(error).code === 'DEVICE_NOT_FOUND' ? open(picture) : null)).catch(() => null);
      if (!some) throw error;
      this.problem.value = reasonOf(error);
      return some;
    }
  }

  #list = async (): Promise<void> => {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    if (!this.#closed) this.devices.value = all.filter(({ kind, deviceId }) => kind !== 'audiooutput' && deviceId !== '');
  };

  // A device that is pulled out ends its track.
  #watch(track: Track, kind: Kind): Track {
    track?.addEventListener('ended', () => {
      if (this.#audio !== track && this.#camera !== track) return;
      this.problem.value = new MediaError('DEVICE_NOT_FOUND');
      if (kind === 'mic') this.#audio = null;
      else this.#camera = null;
      this.#settle();
    });
    return track;
  }

  get tracks(): { audio: Track; video: Track } { return { audio: this.#audio, video: this.#screen ?? this.#camera }; }
  get camera(): Track { return this.#camera; }
  /** The device that is in use. */
  using(kind: Kind): string { return (kind === 'mic' ? this.#audio : this.#camera)?.getSettings().deviceId ?? chosen(kind); }

  #settle(): void {
    const { video } = this.tracks;
    this.on.value = { mic: this.#audio?.enabled ?? false, camera: this.#camera !== null, screen: this.#screen !== null };
    if (this.preview.peek()?.getVideoTracks()[0] !== (video ?? undefined)) this.preview.value = video && new MediaStream([video]);
    this.changed();
  }

  /** Runs what may fail, and says so. Resolves with whether it went well. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    this.problem.value = null;
    try {
      await work();
    } catch (error) {
      this.problem.value = reasonOf(error);
      return false;
    } finally {
      if (!this.#closed) this.#settle();
    }
    return true;
  }

  // Opens one device; nothing is left of it when the call has ended meanwhile.
  async #get(kind: Kind, exact = false): Promise<Track> {
    const stream = await open(kind === 'mic' ? { audio: wanted(kind, exact) } : { video: wanted(kind, exact) });
    const track = stream.getTracks()[0] ?? null;
    if (!this.#closed) return this.#watch(track, kind);
    track?.stop();
    return null;
  }

  /** A microphone that is off stays open, so that it is on again at once. */
  setMic(on: boolean): Promise<boolean> {
    return this.#attempt(async () => {
      if (on && !this.#audio) this.#audio = await this.#get('mic');
      if (this.#audio) this.#audio.enabled = on;
    });
  }

  /** A camera that is off is let go of: its light goes out. */
  setCamera(on: boolean): Promise<boolean> {
    return this.#attempt(async () => {
      const before = this.#camera;
      this.#camera = on ? before ?? await this.#get('camera') : null;
      if (!on) before?.stop();
    });
  }

  setScreen(on: boolean): Promise<boolean> {
    return this.#attempt(async () => {
      const before = this.#screen;
      this.#screen = on ? before ?? await this.#share() : null;
      if (!on) before?.stop();
    });
  }

  async #share(): Promise<Track> {
    if (!navigator.mediaDevices?.getDisplayMedia) throw new MediaError('DEVICE_NOT_FOUND');
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false }).catch((error) => {
      if (isChange(error)) return null;
      throw error;
    });
    if (!stream) return null;
    const track = stream.getVideoTracks()[0] ?? null;
    if (this.#closed) track?.stop();
    // The browser has a button of its own to end it.
    track?.addEventListener('ended', () => { if (this.#screen === track) void this.setScreen(false); });
    if (track && 'contentHint' in track) track.contentHint = 'detail';
    return this.#closed ? null : track;
  }

  /** Takes another device from now on, in this call and in those to come. */
  choose(kind: Kind, id: string): Promise<boolean> {
    store.set(KEYS[kind], id);
    return this.#attempt(async () => {
      const before = kind === 'mic' ? this.#audio : this.#camera;
      if (!before) return;
      if (kind === 'camera') {
        before.stop(); // phones have one at a time
        this.#camera = null;
        this.#camera = await this.#get(kind, true);
        return;
      }
      const now = await this.#get(kind, true);
      if (now) now.enabled = before.enabled;
      this.#audio = now;
      before.stop();
    });
  }

  close(): void {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#list);
    const all = [this.#audio, this.#camera, this.#screen];
    this.#audio = this.#camera = this.#screen = null;
    for (const track of all) track?.stop();
    this.preview.value = null;
  }
}
