// Follows a scoring session: asks for its small status every two to three seconds, and for HTML only where that is new.
//
// A page says what is to be followed and where it shows; `templates/scoring/live.html` has these as macros.
//   data-status="/s/3/live"   around everything of one scoring session. Beside it: data-version (of the page as it was
//                             made), data-words (JSON: the words of phases and lines), data-member (tells the server
//                             how many changes still wait on this device).
//   Inside it, filled from the status:
//   data-connection           one calm line while there is no connection; data-say: told to those who listen, sparingly
//   data-slot="7"             what belongs to a slot ("now": to the one that is on, whichever that is). On it or inside:
//     data-now, data-next     shown while the slot is on, while it is the next one
//     data-going              shown while a phase goes on; data-live-phase: its name; data-until: emptied where it ends
//     data-countdown          mm:ss up to data-ends (the server's milliseconds), then how long it is over
//     data-done               "2/3": cards sent or excused (the panel's audience only)
//     data-ready-province     shown once the province is ready
//   data-live="/s/3/chair"    a region with an id: fetched anew from that address when the version grew, and put in
//                             place of the old one; never while somebody types in it. With data-every="10" also so often.
//   data-live-around          with an id, around regions: its class follows; unfolded when its turn comes ("open": it had)
// Each new status is also an event "status" on the data-status element, with the status as its detail.

const FIRST = 300; // milliseconds
const PAUSE = 2000;
const JITTER = 1000;
const HIDDEN_PAUSE = 15_000;
const LONGEST_PAUSE = 30_000;
const SPREAD = 600; // regions are not fetched by all pages at the same moment
const REFUSED = Symbol("refused");
const TYPED = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select";

const language = document.documentElement.lang;
const roots = [...document.querySelectorAll("[data-status]")];
const savingModule = roots.some((root) => "member" in root.dataset) ? import("./saving.js").catch(() => null) : null;

async function countUnsent() {
  const saving = await savingModule;
  const count = saving?.unsentCount ? await saving.unsentCount() : 0;
  return Number.isInteger(count) ? count : 0;
}

function clockTime(moment) {
  const text = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok" });
  return language === "th" ? `${text.replace(":", ".")} น.` : text;
}

class Follower {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words || "{}");
    this.version = Number(root.dataset.version);
    this.tag = "";
    this.skew = 0; // the server's time minus ours
    this.heard = new Promise((hear) => { this.hear = hear; }); // resolves once the server's time is known
    this.failures = 0;
    this.answeredAt = new Date();
    this.status = null;
    this.waiting = false; // a region could not be put in place while somebody typed
    this.later(FIRST);
    window.setInterval(() => this.tick(), 250);
    for (const region of this.regions()) if (region.dataset.every) this.every(region);
  }

  regions() {
    return [...this.root.querySelectorAll("[data-live]")];
  }

  later(pause) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.ask(), pause);
  }

  now() {
    return Date.now() + this.skew;
  }

  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      await this.askOnce();
    } catch {
      this.failures += 1; // no network, no server, or not in time
      if (this.failures > 1) this.say("lost", { time: clockTime(this.answeredAt) });
    }
    this.asking = false;
    const slow = Math.min(PAUSE * 2 ** Math.max(0, this.failures - 1), LONGEST_PAUSE);
    if (!this.ended) this.later((document.hidden ? Math.max(HIDDEN_PAUSE, slow) : slow) + Math.random() * JITTER);
  }

  async askOnce() {
    const asked = this.root.hasAttribute("data-member") ? `?unsent=${await countUnsent()}` : "";
    const began = Date.now();
    const answer = await fetch(this.root.dataset.status + asked, {
      headers: { Accept: "application/json", ...(this.tag ? { "If-None-Match": this.tag } : {}) },
      cache: "no-store",
      signal: AbortSignal.timeout(8000),
    });
    if (answer.status === 401) {
      this.failures += 1;
      this.say("signed_out");
      return;
    }
    if (answer.status === 403 || answer.status === 404) {
      this.ended = true; // the session is not ours any more
      return;
    }
    if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
    const now = Number(answer.headers.get("X-Now"));
    if (now) {
      this.skew = now - (began + Date.now()) / 2;
      this.hear();
    }
    const status = answer.status === 304 ? null : await answer.json();
    this.failures = 0;
    this.answeredAt = new Date();
    this.say("");
    if (status) {
      this.tag = answer.headers.get("ETag") || "";
      this.take(status);
    } else if (this.waiting) this.refresh(this.regions());
  }

  say(word, values = {}) {
    const line = this.root.querySelector("[data-connection]");
    if (!line) return;
    const text = word ? (this.words[word] || "").replace("%(time)s", values.time || "") : "";
    if (line.textContent !== text) line.textContent = text;
    line.hidden = !text;
  }

  tell(text) {
    const line = this.root.querySelector("[data-say]");
    if (line) line.textContent = text;
  }

  take(status) {
    const before = this.status;
    this.status = status;
    this.show();
    const now = status.slots.find((slot) => slot.id === status.now_slot);
    const was = before?.slots.find((slot) => slot.id === status.now_slot);
    if (before && now?.phase && (before.now_slot !== now.id || was?.phase !== now.phase)) {
      this.warned = "";
      this.tell(this.words[now.phase] || "");
    }
    if (status.version !== this.version) {
      this.version = status.version;
      window.setTimeout(() => this.refresh(this.regions()), Math.random() * SPREAD);
    }
    this.root.dispatchEvent(new CustomEvent("status", { detail: status, bubbles: true }));
  }

  // Everything that the status alone can fill in.
  show() {
    const { status } = this;
    if (!status) return;
    for (const place of this.root.querySelectorAll("[data-slot]")) {
      const id = place.dataset.slot === "now" ? status.now_slot : Number(place.dataset.slot);
      const slot = status.slots.find((each) => each.id === id);
      const each = (name, fill) => {
        if (place.hasAttribute(name)) fill(place);
        place.querySelectorAll(`[${name}]`).forEach(fill);
      };
      each("data-now", (element) => { element.hidden = !slot || status.now_slot !== slot.id; });
      each("data-next", (element) => { element.hidden = !slot || status.next_slot !== slot.id; });
      each("data-going", (element) => { element.hidden = !slot?.phase; });
      each("data-live-phase", (element) => { put(element, this.words[slot?.phase] || ""); });
      each("data-ready-province", (element) => { element.hidden = !slot?.ready_province; });
      if (slot && "done" in slot) each("data-done", (element) => { put(element, `${slot.done}/${slot.cards}`); });
      each("data-countdown", (element) => {
        const ends = slot?.ends_at ? String(slot.ends_at) : "";
        if ((element.dataset.ends || "") === ends) return;
        element.dataset.ends = ends;
        const until = element.parentElement.querySelector("[data-until]");
        if (until) put(until, ""); // said by the server with the next region
      });
    }
    this.tick();
  }

  tick() {
    for (const element of this.root.querySelectorAll("[data-countdown]")) {
      const ends = Number(element.dataset.ends || 0);
      element.hidden = !ends;
      if (!ends) continue;
      const left = Math.ceil((ends - this.now()) / 1000);
      const text = `${Math.floor(Math.abs(left) / 60)}:${String(Math.abs(left) % 60).padStart(2, "0")}`;
      const over = left < 0;
      element.classList.toggle("is-over", over);
      put(element, over ? `${this.words.over || "−"} ${text}` : text);
      this.warn(ends, left);
    }
  }

  // Twice for each countdown of what is on: a minute before its end, and at its end.
  warn(ends, left) {
    const now = this.status?.slots.find((slot) => slot.id === this.status.now_slot);
    if (!now || now.ends_at !== ends) return;
    const word = left <= 0 && left > -3 ? "over" : left <= 60 && left > 55 ? "minute" : "";
    if (!word || this.warned === `${word} ${ends}`) return;
    this.warned = `${word} ${ends}`;
    this.tell((this.words[word] || "").replace(/:$/, ""));
  }

  every(region) {
    const turn = async () => {
      const here = document.getElementById(region.id);
      if (here && !document.hidden && !this.failures) await this.refresh([here]);
      window.setTimeout(turn, Number(region.dataset.every) * 1000);
    };
    window.setTimeout(turn, Number(region.dataset.every) * 1000);
  }

  async refresh(regions) {
    const addresses = new Map();
    for (const region of regions) {
      addresses.set(region.dataset.live, [...(addresses.get(region.dataset.live) || []), region]);
    }
    let waiting = false;
    for (const [address, own] of addresses) {
      const page = await fetchPage(address);
      if (page === REFUSED) continue; // not ours any more: the page stays as it is
      if (!page) {
        waiting = true;
        continue;
      }
      for (const region of own) waiting = !replace(region, page) || waiting;
      this.around(page);
      if (hasMore(page, address, this.root)) this.reload();
    }
    this.waiting = waiting;
    this.show();
  }

  // What stands around the regions: how a slot stands, and what is unfolded because its turn has come.
  around(page) {
    for (const element of this.root.querySelectorAll("[data-live-around]")) {
      const fresh = page.getElementById(element.id);
      if (!fresh) continue;
      if (element.className !== fresh.className) element.className = fresh.className;
      if (fresh.hasAttribute("open") && element.dataset.liveAround !== "open") element.open = true;
      element.dataset.liveAround = fresh.hasAttribute("open") ? "open" : "";
    }
  }

  // The page has parts now that it did not have: a slot was added.
  reload() {
    if (![...document.querySelectorAll(TYPED)].some(isTyped)) window.location.reload();
    else this.say("changed");
  }
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

async function fetchPage(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15_000) });
    if (answer.status === 403 || answer.status === 404) return REFUSED;
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null; // no network just now: the next turn tries again
  }
}

function hasMore(page, address, root) {
  const there = [...page.querySelectorAll("[data-live]")].filter((region) => region.dataset.live === address);
  return there.some((region) => region.id && !document.getElementById(region.id) && root.querySelector("[data-live]"));
}

function isTyped(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.tagName === "SELECT") {
    return control.selectedIndex > 0 && !control.options[control.selectedIndex].defaultSelected;
  }
  return control.value !== control.defaultValue;
}

// Puts the fresh region in place; answers false where somebody is typing in the old one.
function replace(region, page) {
  const fresh = page.getElementById(region.id);
  if (!fresh || !region.isConnected) return true;
  // Keys of forms differ each time, and what the status fills in stands already: neither is news.
  const plain = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[name=key], [name=csrf_token]").forEach((each) => each.removeAttribute("value"));
    copy.querySelectorAll("details").forEach((each) => each.removeAttribute("open"));
    copy.querySelectorAll("[data-countdown]").forEach((each) => { each.textContent = ""; each.hidden = false; each.className = "countdown"; });
    return copy.innerHTML;
  };
  if (plain(fresh) === plain(region)) return true;
  const active = region.contains(document.activeElement) ? document.activeElement : null;
  if (active?.matches(TYPED) || [...region.querySelectorAll(TYPED)].some(isTyped)) return false;
  const open = [...region.querySelectorAll("details[open][id]")].map((each) => each.id);
  const focused = active?.id;
  const imported = document.importNode(fresh, true);
  region.replaceWith(imported);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

// Back from an act: what was acted on is shown, also where it is folded away.
function unfold() {
  const target = document.getElementById(window.location.hash.slice(1));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView();
}

unfold();
window.addEventListener("hashchange", unfold);
/** One for each scoring session that the page follows. */
export const followers = roots.map((root) => new Follower(root));
const again = () => followers.forEach((follower) => follower.later(100));
document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
window.addEventListener("online", again);
