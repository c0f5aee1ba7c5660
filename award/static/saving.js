// Saved means saved: each change is kept on this device at once, sent with a client key and the revision it builds on,
// and forgotten here only when the server's receipt has come. A lost answer is asked for again with the same key.
import { device, person, ready, same } from "./device.js";
import { keepPages } from "./offline.js";

const LONGEST = 20_000; // milliseconds until an answer that does not come counts as lost; the key makes asking again safe

/** How many changes of this person wait on this device, whichever page they belong to. */
export async function unsentCount() {
  return [...(await device.unsent()).values()].reduce((sum, each) => sum + each, 0);
}

/** What an earlier visit left unsent for this address, by name. */
export async function keptChanges(address) {
  await ready;
  return Object.fromEntries([...device.rows(address)].map(([name, { value }]) => [name, value]));
}

/** The card is locked, and the person sees what did not arrive: once it is open again, it is offered, not just sent. */
export function setAside(address) {
  device.endBatch(address);
  for (const [name, { value, was }] of [...device.rows(address)]) device.put(address, name, value, was, true);
}

export function forget(address) {
  for (const name of [...device.rows(address).keys()]) device.drop(address, name);
  device.endBatch(address);
}

/** Whether what differs from the page as it was made was typed before its code arrived on a slow line; after a reload
 * or on the way back it may be a browser's memory of an earlier visit, and that is no change. */
export function isFirstVisit() {
  return performance.getEntriesByType("navigation")[0]?.type === "navigate";
}

/** A client's key of one act. */
export function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** Puts the token of the page as the server makes it now into this one; false where that is not this person's page. */
export async function takeFreshToken() {
  try {
    const text = await (await fetch(window.location.href, { headers: { Accept: "text/html" } })).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const token = page.querySelector('meta[name="csrf-token"]');
    if (!token || page.querySelector('meta[name="actor"]')?.content !== person()) return false;
    document.querySelector('meta[name="csrf-token"]').content = token.content;
    document.querySelectorAll('input[name="csrf_token"]').forEach((input) => (input.value = token.content));
    return true;
  } catch {
    return false; // no network just now: whoever asked tries again
  }
}

/**
 * An outbox for one page.
 *   address   where changes are posted as JSON {key, base_revision, changes: {name: value}}
 *   revision  the revision the page was made from
 *   onSaved(receipt, sent)  the server's JSON {revision, receipt, saved_at, …}, and the changes it acknowledges
 *   onRefused(answer, sent)  422/423/403…: {error, details}; what was typed stays in the page and on the device
 *                       or, where one change alone is at fault, leaveOut(name, value): the others are sent without it
 *   onStale(answer)     409: details hold what is stored now; call takeOver(revision) to send ours on top, drop() to
 *                       forget ours, or hold(revision) until the person has chosen, then resume()
 *   onRestored(changes) unsent changes of an earlier visit: put them into the page; they are sent again
 *   stored(name)        what the page knows to be stored. Where that is not what an earlier visit's change was made on,
 *                       somebody changed it meanwhile, and the page is asked as after a 409
 */
export class Outbox {
  constructor({ address, revision, onSaved, onRefused, onStale, onRestored, stored, wait = 300 }) {
    Object.assign(this, { address, revision, onSaved, onRefused, onStale, onRestored, stored, wait });
    this.line = document.getElementById("saving");
    this.busy = false;
    this.stopped = false;
    this.loaded = false;
    this.leftOut = new Map(); // name -> the value that the server refused
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => this.send());
    window.setInterval(() => this.send(), 5000);
    device.listen((what) => this.heard(what));
    ready.then(() => this.restore());
  }

  restore() {
    this.loaded = true;
    const kept = this.changes();
    if (Object.keys(kept).length > 0) this.onRestored?.(kept);
    if (this.unsent > 0 && !this.stopped) {
      this.showSending();
      this.soon();
    }
  }

  heard(what) {
    if (what === "lost" && this.unsent > 0) this.show(this.line?.dataset.now ?? "sending");
    if (what === "found") this.restore();
    if (what === "emptied") window.clearTimeout(this.timer);
  }

  /** What is not acknowledged yet, by name. */
  changes() {
    return Object.fromEntries([...device.rows(this.address)].map(([name, { value }]) => [name, value]));
  }

  read() {
    return { changes: this.changes() };
  }

  /** Whether something here did not arrive before the card was locked, and the person was shown so. */
  get late() {
    return [...device.rows(this.address).values()].some(({ late }) => late);
  }

  /** The card is open again, and the person sends what was late. */
  inTime() {
    for (const [name, { value, was }] of [...device.rows(this.address)]) device.put(this.address, name, value, was);
  }

  /** What was stored, as far as the page knew, when the unsent change of this name was begun. */
  was(name) {
    return device.rows(this.address).get(name)?.was;
  }

  /** What may be sent: all but what the server refused and nobody wrote anew since. */
  sendable() {
    return Object.fromEntries(
      Object.entries(this.changes()).filter(([name, value]) => !this.leftOut.has(name) || !same(this.leftOut.get(name), value)),
    );
  }

  /** Leaves one refused change out until it is written anew; whatever else waits is sent. */
  leaveOut(name, value) {
    this.leftOut.set(name, value);
    this.stopped = this.held === true;
    if (!this.stopped) this.send();
  }

  /** Keeps one change on this device and sends it soon (`wait` milliseconds; text waits for a pause in typing). */
  change(name, value, { wait = this.wait } = {}) {
    const begun = device.rows(this.address).get(name);
    device.put(this.address, name, value, begun ? begun.was : this.stored?.(name));
    this.stopped = this.held === true;
    if (!this.stopped) this.showSending();
    this.soon(wait);
  }

  soon(wait = this.wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  get unsent() {
    return device.rows(this.address).size;
  }

  /** Names whose stored value is neither what our change was made on nor what we have: both are shown, never passed. */
  passedOver() {
    if (!this.stored) return [];
    return [...device.rows(this.address)].filter(([name, { value, was }]) => {
      const there = this.stored(name);
      return was !== undefined && there !== undefined && !same(was, there) && !same(value, there);
    });
  }

  /** Sends what is kept; resolves when nothing is left or it must wait. */
  async send() {
    if (this.busy || this.stopped || !this.loaded || this.unsent === 0) return;
    let batch = device.batch(this.address);
    if (batch === null && Object.keys(this.sendable()).length === 0) {
      if (this.line?.dataset.now !== "refused") this.show("refused");
      return;
    }
    if (batch === null && this.passedOver().length > 0) {
      this.halted("stale", () => this.onStale?.({ details: { revision: this.revision, stored: null } }));
      return;
    }
    this.busy = true;
    this.showSending();
    if (batch === null) {
      // A batch keeps its key until it is answered, so that a repeat finds its first receipt.
      batch = { key: newKey(), base: this.revision, changes: this.sendable() };
      await device.keepBatch(this.address, batch);
    }
    let answer, body;
    try {
      answer = await fetch(this.address, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
          "X-Person": person(), // somebody else may have signed in from another window
        },
        body: JSON.stringify({ key: batch.key, base_revision: batch.base, changes: batch.changes }),
        signal: AbortSignal.timeout?.(LONGEST),
        keepalive: document.hidden && JSON.stringify(batch.changes).length < 10_000, // the tab may be closing
      });
      body = await answer.json();
    } catch {
      this.busy = false;
      this.show("waiting");
      return;
    }
    this.busy = false;
    if (answer.ok) this.settled(body, batch.changes);
    else if (answer.status === 401) this.show("signed-out");
    else if (answer.status === 400 && body.code === "csrf") await this.freshToken();
    else if (answer.status >= 500 || answer.status === 429) this.show("waiting");
    else if (answer.status === 409) this.halted("stale", () => this.onStale?.(body));
    else this.halted("refused", () => this.onRefused?.(body, batch.changes));
  }

  settled(body, sent) {
    for (const [name, value] of Object.entries(sent)) device.settle(this.address, name, value);
    device.endBatch(this.address);
    this.revision = Math.max(this.revision, body.revision); // a repeat's receipt may be older than the page
    const more = Object.keys(this.sendable()).length > 0;
    this.show(more ? "sending" : this.unsent > 0 ? "refused" : "saved", body.saved_at);
    this.onSaved?.(body, sent);
    if (more) this.soon();
  }

  halted(state, tell) {
    device.endBatch(this.address); // the server answered: nothing of this batch was stored
    this.stopped = true;
    this.show(state);
    tell();
  }

  /** The person chose: our version on top of `revision`. */
  takeOver(revision) {
    this.revision = revision;
    this.resume();
  }

  /** Sends nothing until the person has chosen; then `resume()` builds on `revision`. */
  hold(revision) {
    this.revision = revision;
    this.held = this.stopped = true;
  }

  resume() {
    this.held = this.stopped = false;
    if (this.unsent === 0) this.show("saved", "");
    this.send();
  }

  /** The person saw `stored` beside their own and keeps their own. */
  rebase(name, stored) {
    const row = device.rows(this.address).get(name);
    if (row) device.put(this.address, name, row.value, stored);
  }

  /** The person chose: forget our unsent changes (all, or one name). */
  drop(name) {
    if (name === undefined) forget(this.address);
    else device.drop(this.address, name);
    this.stopped = this.held === true;
  }

  /** Sends what is left; resolves when all of it is acknowledged, or when it must wait or was refused. */
  async flush() {
    await ready;
    while (this.unsent > 0 && !this.stopped) {
      if (this.busy) await new Promise((done) => window.setTimeout(done, 30));
      else {
        await this.send();
        if (this.waits) return;
      }
    }
  }

  /** Whether it waits for the network, a sign-in or a choice. */
  get waits() {
    return ["waiting", "signed-out", "stale", "refused", "late"].includes(this.line?.dataset.now);
  }

  /** The login may have changed in another tab: take a fresh token from the page itself, then try again. */
  async freshToken() {
    if (await takeFreshToken()) {
      this.soon();
      keepPages();
    } else this.show("signed-out");
  }

  /** While it waits for the network, another try is no news: the line stays, with the count brought up to date. */
  showSending() {
    this.show(this.line?.dataset.now === "waiting" ? "waiting" : "sending");
  }

  show(state, time) {
    if (!this.line) return;
    this.line.dataset.now = state;
    const onlyHere = !device.lasting && this.unsent > 0 && ["sending", "waiting"].includes(state);
    const said = this.line.dataset[onlyHere ? "window" : { "signed-out": "signedOut" }[state] ?? state] ?? "";
    this.line.textContent = said.replace("%(time)s", time ?? "").replace("%(count)s", String(this.unsent)).trim();
  }
}
