// Counts a deadline down by the server's clock: data-closes and data-now are the server's milliseconds.
//
// The page tells the server's time as it was made; a page that comes from this device's store, or was asleep, asks for it
// anew. While the time is not known nothing is shown: a wrong countdown is worse than none.

const AGAIN = 300_000; // milliseconds between two looks at the server's clock

const places = [...document.querySelectorAll("[data-closes]")];
let skew = null; // the server's time minus this device's

function begin() {
  const page = performance.getEntriesByType("navigation")[0];
  const fresh = page && page.transferSize > 0 && page.type !== "back_forward";
  if (!fresh) return;
  // Between asking for the page and now the server made it: the earlier moment leaves rather less time than there is.
  const asked = performance.timeOrigin + page.requestStart;
  skew = Number(places[0].dataset.now) - asked;
}

async function ask() {
  const began = Date.now();
  try {
    const answer = await fetch("/now", { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (answer.ok) skew = (await answer.json()).now - (began + Date.now()) / 2;
  } catch {
    // no network: what was known goes on
  }
}

function fill(pattern, values) {
  return pattern.replace(/\{(.)\}/g, (_, name) => values[name]);
}

function show() {
  if (skew === null) return;
  const now = Math.floor((Date.now() + skew) / 1000);
  for (const place of places) {
    const left = Math.floor(Number(place.dataset.closes) / 1000) - now; // the last second still counts
    const over = left < 0;
    const values = { d: Math.floor(left / 86_400), h: Math.floor((left % 86_400) / 3600), m: Math.floor((left % 3600) / 60), s: left % 60 };
    const pattern = values.d ? place.dataset.left : values.h ? place.dataset.today : place.dataset.soon;
    const text = over ? place.dataset.over : fill(pattern, values);
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("over", over);
    place.hidden = false;
  }
}

begin();
show();
ask().then(show);
window.setInterval(show, 1000);
window.setInterval(ask, AGAIN);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask().then(show);
});
