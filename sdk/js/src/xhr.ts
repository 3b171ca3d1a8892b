// SPDX-License-Identifier: MIT
// One request that takes bytes to the server and tells how far they are, which fetch() can't.
import { Problem } from './problem.js';

const SILENCE = 60000; // milliseconds without a sign of life

export interface BytesAnswer { data: unknown; header(name: string): string | null }

export interface BytesOptions { headers?: Record<string, string>; onProgress?: (bytes: number) => void; signal?: AbortSignal }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // nothing, or not from maru-api; the status has to do
  }
}

/** Resolves with the answer; rejects with a Problem, that of a lost connection if `signal` ends it.
 *  onProgress may be called once more after the end of what is on its way. */
export function sendBytes(method: string, path: string, body: Blob | null, { headers = {}, onProgress = () => {}, signal }: BytesOptions = {}): Promise<BytesAnswer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    let timer: ReturnType<typeof setTimeout>;
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
      const data = parsed(xhr.responseText);
      const header = (name: string) => xhr.getResponseHeader(name);
      if (xhr.status >= 200 && xhr.status < 300) resolve({ data, header });
      else reject(new Problem(xhr.status, data ?? {}, Number(header('Retry-After')) || 0));
    };
    signal?.addEventListener('abort', stop);
    watch();
    xhr.send(body);
    if (signal?.aborted) stop();
  });
}
