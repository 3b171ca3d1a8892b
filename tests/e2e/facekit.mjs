// A camera that shows a drawn face, or an empty chair.

/** Runs before the page: globalThis.camera says what is to be seen, and notes how often it was opened and whether it is open. */
export function drawCamera() {
  if (!navigator.mediaDevices) return; // of an empty page
  const camera = globalThis.camera = { isThere: true, asked: 0, tracks: [], refuse: null, get isOpen() { return this.tracks.some((track) => track.readyState === 'live'); } };
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const pen = canvas.getContext('2d');
  const oval = (x, y, width, height, color) => {
    pen.fillStyle = color;
    pen.beginPath();
    pen.ellipse(x, y, width, height, 0, 0, 7);
    pen.fill();
  };
  const line = (width, color, ...points) => {
    pen.lineWidth = width;
    pen.strokeStyle = color;
    pen.beginPath();
    pen.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 4) pen.quadraticCurveTo(...points.slice(i, i + 4));
    pen.stroke();
  };
  const eye = (x) => {
    oval(x, 110, 10, 5, '#f8f4f0');
    oval(x, 110, 4.5, 4.5, '#2a1a10');
    line(3.5, '#2b1a10', x - 11, 99, x, 94, x + 11, 99);
    line(1.5, '#2b1a10', x - 10, 110, x, 100, x + 10, 110);
  };
  const face = () => {
    oval(160, 240, 90, 60, '#334466');
    pen.fillStyle = '#c99a7c';
    pen.fillRect(143, 165, 34, 40);
    oval(160, 105, 54, 62, '#2b1a10');
    const skin = pen.createRadialGradient(150, 110, 10, 160, 120, 62);
    skin.addColorStop(0, '#efc5a5');
    skin.addColorStop(1, '#c08a68');
    oval(160, 122, 45, 58, skin);
    for (const x of [141, 179]) eye(x);
    line(2.5, '#9a6a50', 158, 112, 150, 134, 154, 137, 160, 141, 167, 137);
    for (const x of [154, 166]) oval(x, 137, 2.5, 1.5, '#6b4030');
    oval(160, 153, 15, 5, '#b5524f');
    line(1.5, '#6d2b2b', 145, 153, 160, 156, 175, 153);
  };
  setInterval(() => {
    pen.fillStyle = '#8899a0';
    pen.fillRect(0, 0, 320, 240);
    if (camera.isThere) face();
  }, 100);
  const note = (track) => {
    const clone = track.clone.bind(track);
    track.clone = () => note(clone());
    camera.tracks.push(track);
    return track;
  };
  navigator.mediaDevices.getUserMedia = async () => {
    camera.asked++;
    if (camera.refuse) throw new DOMException('', camera.refuse);
    return new MediaStream(canvas.captureStream(10).getTracks().map(note));
  };
}

/** Runs in the page: what a browser does when the camera is unplugged. */
export function unplug() {
  for (const track of globalThis.camera.tracks.filter(({ readyState }) => readyState === 'live')) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
}
