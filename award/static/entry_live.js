// The form while several people of an office are at it: who writes where, and what others saved, without a reload.

const EVERY = 4_000; // milliseconds
const IDLE = 15 * 60_000; // after which a page that nobody touches no longer asks
const WRITES = 60_000; // for so long after the last letter somebody counts as being in a section

let section = "";
let touched = Date.now();
let wrote = 0;

const sectionOf = (element) => element?.closest?.("section[id^='s-']")?.id.slice(2) ?? "";

function showPeople(people) {
  for (const line of document.querySelectorAll("[data-here]")) {
    const here = people.filter((each) => (line.dataset.here === "" ? true : each.section === line.dataset.here));
    const said = here.map((each) => each.title).join(", ");
    line.hidden = here.length === 0;
    const text = said && `${line.dataset.said} ${said}`;
    if (line.textContent !== text) line.textContent = text;
  }
}

/** Files beside questions, owners of sections and notes, as a fresh copy of the page has them. */
export async function refresh() {
  const text = await (await fetch(window.location.pathname, { headers: { Accept: "text/html" } })).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${CSS.escape(old.dataset.fresh)}"]`);
    if (!fresh || old.contains(document.activeElement)) continue;
    if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML; // made by our own template, escaped there
  }
}

/**
 * Asks every few seconds while the page is looked at.
 *   revision()   the version that the page builds on
 *   took(body)   what others changed since: {revision, stored, values, …} as after a save
 *   ended()      the entry was sent, passed on or taken back: nothing more can be typed
 */
export function startLive({ form, revision, took, ended }) {
  const address = form.getAttribute("action").replace(/answers$/, "live");
  let tag = "";
  let around = ""; // files, owners and notes, as the page shows them
  let over = false;

  async function ask() {
    if (document.hidden || over || Date.now() - touched > IDLE) return;
    const at = Date.now() - wrote < WRITES ? section : "";
    let answer, body;
    try {
      const headers = { Accept: "application/json", "If-None-Match": tag };
      const asked = `${address}?since=${revision()}&at=${encodeURIComponent(at)}`;
      answer = await fetch(asked, { headers, cache: "no-store", signal: AbortSignal.timeout?.(10_000) });
      if ("kept" in document.documentElement.dataset && [200, 304].includes(answer.status)) {
        delete document.documentElement.dataset.kept; // the network is back
        await refresh();
      }
      if (answer.status !== 200) return;
      tag = answer.headers.get("ETag") ?? "";
      body = await answer.json();
    } catch {
      return; // no network just now
    }
    showPeople(body.people);
    if (body.state !== "draft" || body.step !== "") {
      over = true;
      ended();
      return;
    }
    if (body.stored) {
      took(body);
      tag = ""; // asked again from the version that the page has then
    }
    const now = `${body.evidence} ${body.office}`;
    if (around !== "" && now !== around) await refresh().catch(() => {});
    around = now;
  }

  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, (event) => {
      section = sectionOf(event.target);
      wrote = touched = Date.now();
    });
  }
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true });
  }
  document.addEventListener("visibilitychange", ask);
  window.setInterval(ask, EVERY);
  ask();
}
