// SPDX-License-Identifier: MIT
// The service worker: keeps the page itself for when there is no network. What it has is used only if the
// network does not answer, so nobody sees an old page while there is a new one. Answers of the API are
// never kept: they belong to whoever is logged in.
declare const self: ServiceWorkerGlobalScope;
/** The files of this build and a name for them, see web/build.mjs. */
declare const FILES: string[];
declare const BUILD: string;

const PATIENCE = 4000; // milliseconds, then what is kept will do

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(BUILD).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const drop = async () => {
    for (const name of await caches.keys()) if (name !== BUILD) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(drop());
});

async function answer(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreSearch: true });
  if (!kept) return fetch(request);
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return kept;
  }
}

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  const own = pathname.slice(new URL(self.registration.scope).pathname.length);
  if (event.request.method === 'GET' && FILES.includes(own === '' ? './' : own)) event.respondWith(answer(event.request));
});

export {};
