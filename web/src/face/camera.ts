// SPDX-License-Identifier: MIT
// Small pictures of the camera, one now and then.
import { openCamera } from '../call/media';
import { talk } from '../call/state';

const SIDE = 128; // of the pictures that the network knows
const WANTED = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 5 } };

interface Grabber { grabFrame(): Promise<ImageBitmap> }
declare const ImageCapture: { new (track: MediaStreamTrack): Grabber; prototype: object } | undefined;

/** The camera of the call that this window is in. Some devices give theirs only once. */
async function cameraOfCall(): Promise<MediaStreamTrack | null> {
  if (!talk.peek() || talk.peek()?.over) return null;
  const { current } = await import('../call/session');
  return current.peek()?.media.camera?.clone() ?? null;
}

export class Camera {
  /** It was taken away: unplugged, or forbidden since. */
  lost = (): void => {};
  #track: MediaStreamTrack; #grabber: Grabber | null = null; #video = document.createElement('video');
  #pen = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE }).getContext('2d', { willReadFrequently: true });

  private constructor(stream: MediaStream) {
    [this.#track] = stream.getVideoTracks() as [MediaStreamTrack];
    this.#track.addEventListener('ended', () => this.lost());
    if (typeof ImageCapture !== 'undefined' && 'grabFrame' in ImageCapture.prototype) this.#grabber = new ImageCapture(this.#track);
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = stream;
    this.#video.play().catch(() => {});
  }

  /** Rejects with a MediaError. */
  static async open(): Promise<Camera> {
    const shared = await cameraOfCall();
    return new Camera(shared ? new MediaStream([shared]) : await openCamera(WANTED));
  }

  // A window that nobody sees shows an old picture in some browsers.
  async #source(): Promise<ImageBitmap | HTMLVideoElement | null> {
    if (this.#track.muted) return null; // a phone gives it to somebody else
    if (document.hidden) return this.#grabber ? this.#grabber.grabFrame() : null;
    return this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA ? null : this.#video;
  }

  /** All that it sees now, on a square with black bars; null where that can't be had. */
  async picture(): Promise<Uint8ClampedArray | null> {
    const source = await this.#source();
    if (!source || !this.#pen) return null;
    const [width, height] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
    const scale = SIDE / Math.max(width, height);
    this.#pen.fillRect(0, 0, SIDE, SIDE);
    this.#pen.drawImage(source, (SIDE - width * scale) / 2, (SIDE - height * scale) / 2, width * scale, height * scale);
    if (!(source instanceof HTMLVideoElement)) source.close();
    return this.#pen.getImageData(0, 0, SIDE, SIDE).data;
  }

  close(): void {
    this.#track.stop();
    this.#video.srcObject = null;
  }
}
