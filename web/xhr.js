// SPDX-License-Identifier: MIT
// One request that takes bytes to the server and tells how far they are, which fetch() can't.
import { Problem } from './problem.js';

const SILENCE = 60000; // milliseconds without a sign of life

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // nothing, or not from maru-api; the status has to do
  }
}

// Resolves with { data, header(name) }; rejects with a Problem, that of a lost connection if `signal`
// ends it. onProgress(bytes) may be called once more after the end of what is on its way.
export function sendBytes(method, path, body, { headers = {}, onProgress = () => {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    let timer = 0;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE);
    };
    xhr.open(method, path);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => {
      watch();
      onProgress(loaded);
    };
    xhr.onloadend = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      const data = parse(xhr.responseText);
      const header = (name) => xhr.getResponseHeader(name);
      if (xhr.status >= 200 && xhr.status < 300) resolve({ data, header });
      else reject(new Problem(xhr.status, data ?? {}, Number(header('Retry-After')) || 0));
    };
    signal?.addEventListener('abort', stop);
    watch();
    xhr.send(body);
    if (signal?.aborted) stop();
  });
}
