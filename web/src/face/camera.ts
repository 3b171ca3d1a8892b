// SPDX-License-Identifier: MIT
// Small pictures of the camera, one now and then.
import { openMedia } from '../call/media';

const WANTED: MediaTrackConstraints = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 5 } };

interface Grabber { grabFrame(): Promise<ImageBitmap> }
declare const ImageCapture: (new (track: MediaStreamTrack) => Grabber) | undefined;

export class Camera {
  #track: MediaStreamTrack; #grabber: Grabber | null; #video = document.createElement('video');

  private constructor(stream: MediaStream) {
    [this.#track] = stream.getVideoTracks() as [MediaStreamTrack];
    this.#grabber = typeof ImageCapture === 'undefined' ? null : new ImageCapture(this.#track);
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = stream;
    this.#video.play().catch(() => {});
  }

  /** Rejects with a MediaError. */
  static async open(): Promise<Camera> { return new Camera(await openMedia({ video: WANTED })); }

  /** It was taken away: unplugged, or forbidden since. */
  get isOver(): boolean { return this.#track.readyState === 'ended'; }

  /** What it sees now; null where that can't be had: a window that nobody sees shows an old picture in some browsers. */
  async picture(): Promise<ImageBitmap | null> {
    if (this.#grabber) return this.#grabber.grabFrame();
    if (document.hidden || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return createImageBitmap(this.#video);
  }

  close(): void {
    this.#track.stop();
    this.#video.srcObject = null;
  }
}
