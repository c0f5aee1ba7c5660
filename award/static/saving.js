// Saved means saved: each change is kept on this device at once, sent with a client key and the revision it builds on,
// and forgotten here only when the server's receipt has come. A lost answer is asked for again with the same key.

const PREFIX = "outbox:";
const person = () => document.querySelector('meta[name="actor"]')?.content ?? "";
const place = (address) => `${PREFIX}${person()}:${address}`;
const LONGEST = 20_000; // milliseconds until an answer that does not come counts as lost; the key makes asking again safe

// Some browsers inside other apps have no storage, or a full one: then changes live as long as the page does.
const memory = new Map();
const store = {
  get(key) {
    if (memory.has(key)) return memory.get(key);
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, text) {
    try {
      localStorage.setItem(key, text);
      memory.delete(key);
    } catch {
      memory.set(key, text);
    }
  },
  remove(key) {
    memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing was kept there
    }
  },
  keys() {
    const found = new Set(memory.keys());
    try {
      for (let index = 0; index < localStorage.length; index += 1) found.add(localStorage.key(index));
    } catch {
      // nothing is kept there
    }
    return [...found].filter((key) => key.startsWith(`${PREFIX}${person()}:`));
  },
};

const readKept = (key) => JSON.parse(store.get(key) ?? '{"changes": {}, "inFlight": null}');

export function unsentCount() {
  return store.keys().reduce((sum, key) => sum + Object.keys(readKept(key).changes).length, 0);
}

export function emptyOutbox() {
  store.keys().forEach((key) => store.remove(key));
}

/** What an earlier visit left unsent for this address, by name. */
export function keptChanges(address) {
  return readKept(place(address)).changes;
}

/** Whether what differs from the page as it was made was typed before its code arrived on a slow line; after a reload
 * or on the way back it may be a browser's memory of an earlier visit, and that is no change. */
export function isFirstVisit() {
  return performance.getEntriesByType("navigation")[0]?.type === "navigate";
}

export function forget(address) {
  store.remove(place(address));
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/**
 * An outbox for one page.
 *   address   where changes are posted as JSON {key, base_revision, changes: {name: value}}
 *   revision  the revision the page was made from
 *   onSaved(receipt, sent)  the server's JSON {revision, receipt, saved_at, …}, and the changes it acknowledges
 *   onRefused(answer)   422/423/403…: {error, details}; what was typed stays in the page and on the device
 *   onStale(answer)     409: details hold what is stored now; call takeOver(revision) to send ours on top, drop() to
 *                       forget ours, or hold(revision) until the person has chosen, then resume()
 *   onRestored(changes) unsent changes of an earlier visit: put them into the page; they are sent again
 */
export class Outbox {
  constructor({ address, revision, onSaved, onRefused, onStale, onRestored, wait = 300 }) {
    Object.assign(this, { address, revision, onSaved, onRefused, onStale, wait });
    this.line = document.getElementById("saving");
    this.busy = false;
    this.stopped = false;
    // Windows of one page share what is kept here. Each sends only what it answers for: what was changed in it, or was
    // left by an earlier visit. Another window's base revision would pass over a conflict without a question.
    this.answers = false;
    const kept = this.read();
    if (Object.keys(kept.changes).length > 0) {
      this.answers = true;
      onRestored?.({ ...kept.inFlight?.changes, ...kept.changes });
      this.soon();
    }
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => this.send());
    window.setInterval(() => this.send(), 5000);
  }

  read() {
    return readKept(place(this.address));
  }

  write(kept) {
    if (Object.keys(kept.changes).length === 0) store.remove(place(this.address));
    else store.set(place(this.address), JSON.stringify(kept));
  }

  /** What is not acknowledged yet, by name. */
  changes() {
    return this.read().changes;
  }

  /** Keeps one change on this device and sends it soon (`wait` milliseconds; text waits for a pause in typing). */
  change(name, value, { wait = this.wait } = {}) {
    this.answers = true;
    const kept = this.read();
    kept.changes[name] = value;
    this.write(kept);
    this.stopped = this.held === true;
    if (!this.stopped) this.showSending();
    this.soon(wait);
  }

  soon(wait = this.wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  get unsent() {
    return Object.keys(this.read().changes).length;
  }

  /** Sends what is kept; resolves when nothing is left or it must wait. */
  async send() {
    if (this.busy || this.stopped || !this.answers || this.unsent === 0) return;
    this.busy = true;
    const kept = this.read();
    // A batch keeps its key until it is answered, so that a repeat finds its first receipt.
    kept.inFlight ??= { key: newKey(), base: this.revision, changes: { ...kept.changes } };
    this.write(kept);
    this.showSending();
    let answer, body;
    try {
      answer = await fetch(this.address, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        },
        body: JSON.stringify({ key: kept.inFlight.key, base_revision: kept.inFlight.base, changes: kept.inFlight.changes }),
        signal: AbortSignal.timeout?.(LONGEST),
      });
      body = await answer.json();
    } catch {
      this.busy = false;
      this.show("waiting");
      return;
    }
    this.busy = false;
    if (answer.ok) this.settled(body);
    else if (answer.status === 401) this.show("signed-out");
    else if (answer.status === 400 && body.code === "csrf") await this.freshToken();
    else if (answer.status >= 500 || answer.status === 429) this.show("waiting");
    else if (answer.status === 409) this.halted("stale", () => this.onStale?.(body));
    else this.halted("refused", () => this.onRefused?.(body));
  }

  settled(body) {
    const kept = this.read();
    const sent = kept.inFlight?.changes ?? {}; // another window of the same page may have settled it already
    for (const [name, value] of Object.entries(sent)) {
      if (JSON.stringify(kept.changes[name]) === JSON.stringify(value)) delete kept.changes[name];
    }
    kept.inFlight = null;
    this.write(kept);
    this.revision = body.revision;
    this.show("saved", body.saved_at);
    this.onSaved?.(body, sent);
    this.answers = this.unsent > 0;
    if (this.answers) this.soon();
  }

  halted(state, tell) {
    const kept = this.read();
    kept.inFlight = null; // the server answered: nothing of this batch was stored
    this.write(kept);
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

  /** The person chose: forget our unsent changes (all, or one name). */
  drop(name) {
    const kept = this.read();
    if (name === undefined) kept.changes = {};
    else delete kept.changes[name];
    kept.inFlight = null;
    this.write(kept);
    this.stopped = this.held === true;
  }

  /** Sends what is left; resolves when all of it is acknowledged, or when it must wait or was refused. */
  async flush() {
    this.answers = true; // the person sends the whole page, whichever window it was typed in
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
    return ["waiting", "signed-out", "stale", "refused"].includes(this.line?.dataset.now);
  }

  /** The login may have changed in another tab: take a fresh token from the page itself, then try again. */
  async freshToken() {
    try {
      const page = await (await fetch(window.location.href, { headers: { Accept: "text/html" } })).text();
      const token = new DOMParser().parseFromString(page, "text/html").querySelector('meta[name="csrf-token"]');
      const who = new DOMParser().parseFromString(page, "text/html").querySelector('meta[name="actor"]');
      if (token && who?.content === person()) {
        document.querySelector('meta[name="csrf-token"]').content = token.content;
        this.soon();
        return;
      }
    } catch {
      // No network just now: the timer tries again.
    }
    this.show("signed-out");
  }

  /** While it waits for the network, another try is no news: the line stays, with the count brought up to date. */
  showSending() {
    this.show(this.line?.dataset.now === "waiting" ? "waiting" : "sending");
  }

  show(state, time) {
    if (!this.line) return;
    this.line.dataset.now = state;
    const said = this.line.dataset[{ "signed-out": "signedOut" }[state] ?? state] ?? "";
    this.line.textContent = said.replace("%(time)s", time ?? "").replace("%(count)s", String(this.unsent)).trim();
  }
}
