// The Verify page without a network. Keeps one whole, matching set of what that page is made of, and gives it out only when the network does not
// answer. Nothing else is kept: no document, no page of a person who is signed in.
const PREFIX = 'signet-verify-';
const START = ['/verify', '/ca.pem', '/icon.svg', '/pkg/__wasm_split.js', '/pkg/signet_bg.wasm', '/pkg/pades.js', '/pkg/pades_bg.wasm'];
// what a page, a script or a style names: href="…", from "…", import("…"), new URL("…")
const NAMES = /(?:href=|src=|from\s*|import\s*\(?\s*|new URL\(\s*)["'](\.{0,2}\/[^"'\s]+)["']/g;

self.addEventListener('install', (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
// The Verify page asks for a fresh set whenever it is opened.
self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keep().catch(() => {}));
});
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && (START.includes(url.pathname) || url.pathname.startsWith('/pkg/'));
  if (event.request.method === 'GET' && ours) event.respondWith(fetch(event.request).catch(() => kept(url.pathname)));
});

async function kept(path) {
  for (const name of (await caches.keys()).filter((name) => name.startsWith(PREFIX)).sort().reverse()) {
    const found = await (await caches.open(name)).match(path, { ignoreVary: true });
    if (found) return found;
  }
  return Response.error();
}

/** Fetches the set anew; the one before goes only when this one is whole. */
async function keep() {
  const found = new Map();
  const wanted = [...START];
  while (wanted.length > 0) {
    const path = wanted.pop();
    if (found.has(path)) continue;
    // Without cookies: the page as anyone sees it.
    const response = await fetch(path, { credentials: 'omit', cache: 'no-cache' });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    found.set(path, response.clone());
    if (!/html|javascript/.test(response.headers.get('content-type') ?? '')) continue;
    for (const [, name] of (await response.text()).matchAll(NAMES)) {
      const url = new URL(name, new URL(path, self.location.origin));
      if (url.pathname.startsWith('/pkg/')) wanted.push(url.pathname);
    }
  }
  const name = PREFIX + Date.now();
  const cache = await caches.open(name);
  await Promise.all([...found].map(([path, response]) => cache.put(path, response)));
  for (const old of await caches.keys()) if (old.startsWith(PREFIX) && old !== name) await caches.delete(old);
}
