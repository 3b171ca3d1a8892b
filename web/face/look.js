// SPDX-License-Identifier: MIT
// Whether there is a face in a picture: the inside of a frame that has no origin, no cookies and no network but the
// files beside it (web/src/face/detector.ts, conf/nginx.conf). The page sends pictures, and gets back a number.
'use strict';

const detection = new FaceDetection({ locateFile: (name) => name });
detection.setOptions({ model: 'short', minDetectionConfidence: 0.5 });

let faces = 0;
detection.onResults(({ detections }) => { faces = detections.length; });

async function look(picture) {
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d').drawImage(picture, 0, 0);
  picture.close();
  faces = 0;
  await detection.send({ image: canvas });
  return faces;
}

// Failures are told as they come: without WebGL, or a file that did not arrive.
addEventListener('message', ({ source, data }) => {
  if (source !== parent) return;
  look(data).then((seen) => parent.postMessage({ faces: seen }, '*'), () => parent.postMessage({ failed: true }, '*'));
});
parent.postMessage({ ready: true }, '*');
