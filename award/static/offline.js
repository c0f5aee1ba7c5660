// The service worker that keeps a member's own sheets on the device, so that a page opens without a network.
// Only where the browser has one (https or this machine); everything else works without it.
import { person } from "./device.js";

const PAGES = "pages:"; // a cache for each person: pages:<person>

async function cachesBut(name) {
  if (!("caches" in window)) return [];
  return (await caches.keys()).filter((each) => each.startsWith(PAGES) && each !== name);
}

/** Signing out: no page of anybody stays. */
export async function forgetPages() {
  try {
    await Promise.all((await cachesBut("")).map((name) => caches.delete(name)));
  } catch {
    // nothing was kept
  }
}

/** Every page: nothing of another person stays; a member's page asks the worker to keep it and the cards it names. */
export async function keepPages() {
  try {
    const others = await cachesBut(PAGES + person());
    await Promise.all(others.map((name) => caches.delete(name)));
    if (!("serviceWorker" in navigator) || !document.querySelector('meta[name="keeps"]')) return;
    await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    const cards = [...document.querySelectorAll("a.card-link")].map((link) => link.href);
    active.postMessage({ keep: [window.location.href, ...cards] });
  } catch {
    // refused by the browser's settings: the page works from the network
  }
}
