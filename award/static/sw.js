// Keeps a member's own sheets and the days they belong to, an office's forms, and the files these need: a reload without
// a network shows the page, and what was typed is put into it from the device. `SITE` = {version, files} stands before this text.
//
// Pages come from the network whenever it answers. They are kept by person, and only where the server says so of this
// very page (X-Keep) and the address is one of a sheet; nothing of a chair, a comparison, a result, an organizer, a
// status or an export is ever kept. A page of another person, or of nobody, clears what was kept before.

const FILES = `files:${SITE.version}`;
const PAGES = "pages:";
const MAY_KEEP = /^\/(s\/(\d+|card\/\d+)?|e\/(\d+)?)$/;
const MOST = 60; // pages
const FRESH = 600_000; // milliseconds for which a page need not be fetched ahead again
const PATIENCE = 8_000; // milliseconds for the network, where a kept page could be shown instead
const KNOWN = new Set(SITE.files.map((file) => file.split("?")[0]));

self.addEventListener("install", (event) => {
  const requests = SITE.files.map((file) => new Request(file, { cache: "no-cache" }));
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(requests)));
  self.skipWaiting(); // pages come from the network, so nobody holds on to old ones
});

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("files:") && name !== FILES) await caches.delete(name);
  }
  await self.clients.claim();
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const pages = await (await caches.open(name)).keys();
    for (const { url } of pages) await fetchAhead(url, { anew: true }); // they name the files of before
  }
}

self.addEventListener("message", (event) => {
  event.waitUntil(
    (async () => {
      for (const address of event.data?.keep ?? []) await fetchAhead(address);
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && MAY_KEEP.test(url.pathname)) event.respondWith(page(request, url));
  else if (KNOWN.has(url.pathname)) event.respondWith(file(request, url));
});

const later = (wait) => new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), wait));
const plain = (url) => url.origin + url.pathname;

async function keptPage(url) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  if (names.length !== 1) return undefined; // whose it would be is not certain
  return (await caches.open(names[0])).match(plain(url), { ignoreVary: true });
}

/** What the server answered tells who is signed in; pages of anybody else go, and this one is kept where it may be. */
async function heard(url, answer) {
  const who = answer.headers.get("X-Person");
  if (who === null) return;
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && name !== PAGES + who) await caches.delete(name);
  }
  const mine = answer.status === 200 && !answer.redirected && answer.headers.get("X-Keep") === who;
  if (!MAY_KEEP.test(url.pathname) || url.search) return;
  const cache = await caches.open(PAGES + who);
  if (!mine) {
    if (answer.status === 200 && !answer.redirected) await cache.delete(plain(url), { ignoreVary: true }); // sent meanwhile
    return;
  }
  await cache.put(plain(url), answer);
  const held = await cache.keys();
  for (const old of held.slice(0, Math.max(0, held.length - MOST))) await cache.delete(old, { ignoreVary: true });
}

async function fetchAhead(address, { anew = false } = {}) {
  const url = new URL(address, self.location.origin);
  if (url.origin !== self.location.origin || !MAY_KEEP.test(url.pathname)) return;
  const kept = await keptPage(url);
  if (!anew && kept && Date.now() - Date.parse(kept.headers.get("Date")) < FRESH) return;
  try {
    const options = { headers: { Accept: "text/html" }, redirect: "manual", cache: "no-store" };
    await heard(url, await fetch(plain(url), options));
  } catch {
    // no network just now: it is kept when it is opened
  }
}

async function page(request, url) {
  const network = fetch(request).then(async (answer) => {
    if ([502, 503, 504].includes(answer.status)) throw new Error("the server is away");
    const copy = answer.clone();
    if (answer.type === "basic") await heard(url, copy).catch(() => {});
    return answer;
  });
  const kept = await keptPage(url);
  try {
    return await (kept ? Promise.race([network, later(PATIENCE)]) : network);
  } catch {
    network.catch(() => {});
    return kept ? asKept(kept) : away();
  }
}

/** The page says of itself that it comes from the device. */
async function asKept(kept) {
  const html = (await kept.text()).replace("<html ", "<html data-kept ");
  return new Response(html, { status: 200, headers: kept.headers });
}

async function file(request, url) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request, { ignoreVary: true });
  // An address with a fingerprint never means another content. The others belong to the page that asks: network first.
  const lasting = url.search || url.pathname.startsWith("/assets/library/");
  if (kept && lasting) return kept;
  try {
    const network = fetch(request);
    return await (kept ? Promise.race([network, later(PATIENCE)]) : network);
  } catch {
    return kept ?? (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error();
  }
}

const AWAY = {
  th: ["ไม่มีเครือข่าย", "หน้านี้ไม่ได้เก็บไว้ในเครื่อง สิ่งที่พิมพ์ไว้ยังอยู่ในเครื่องนี้ หน้าที่เปิดได้ตอนนี้:", "ลองใหม่"],
  en: ["No network", "This page is not kept on the device. What you typed still is. Pages that open now:", "Try again"],
};

/** In both languages: what the person chose is on the server. */
async function away() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  const cache = names.length === 1 ? await caches.open(names[0]) : null;
  const links = [];
  for (const { url } of cache ? await cache.keys() : []) {
    const html = await (await cache.match(url, { ignoreVary: true })).text();
    const title = /<title>([^<]*)<\/title>/.exec(html)?.[1].trim() ?? ""; // escaped as the server wrote it
    links.push(`<li><a href="${new URL(url).pathname}">${title}</a></li>`);
  }
  const style = SITE.files.filter((name) => name.split("?")[0].endsWith(".css"));
  const said = Object.entries(AWAY).map(
    ([code, [title, text, again]], number) =>
      `<section lang="${code}"><h${number + 1}>${title}</h${number + 1}><p>${text}</p><p><a href="">${again}</a></p></section>`,
  );
  const html = `<!doctype html><html lang="th"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${AWAY.th[0]} · ${AWAY.en[0]}</title>
${style.map((address) => `<link rel="stylesheet" href="${address}">`).join("\n")}</head>
<body><main class="frame">${said.join("\n")}<ul class="away">${links.join("\n")}</ul></main></body></html>`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'",
  };
  return new Response(html, { status: 503, headers });
}
