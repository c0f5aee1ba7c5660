// Saved means saved: each change is kept on this device at once, sent with a client key and the revision it builds on,
// and forgotten here only when the server's receipt has come. A lost answer is asked for again with the same key.

const PREFIX = "outbox:";
const person = () => document.querySelector('meta[name="actor"]')?.content ?? "";
const place = (address) => `${PREFIX}${person()}:${address}`;

// `import` addresses carry no fingerprint; both pages and this module share one state through localStorage.
function keys() {
  const found = [];
  for (let index = 0; index < localStorage.length; index += 1) {
    const key = localStorage.key(index);
    if (key.startsWith(`${PREFIX}${person()}:`)) found.push(key);
  }
  return found;
}

export function unsentCount() {
  return keys().reduce((sum, key) => sum + Object.keys(JSON.parse(localStorage.getItem(key)).changes).length, 0);
}

export function emptyOutbox() {
  keys().forEach((key) => localStorage.removeItem(key));
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/**
 * An outbox for one page.
 *   address   where changes are posted as JSON {key, base_revision, changes: {name: value}}
 *   revision  the revision the page was made from
 *   onSaved(receipt)    the server's JSON: {revision, receipt, saved_at, …}
 *   onRefused(answer)   422/423/403…: {error, details}; what was typed stays in the page and on the device
 *   onStale(answer)     409: details hold what is stored now; call takeOver(revision) to send ours on top, or drop()
 *   onRestored(changes) unsent changes of an earlier visit: put them into the page; they are sent again
 */
export class Outbox {
  constructor({ address, revision, onSaved, onRefused, onStale, onRestored, wait = 300 }) {
    Object.assign(this, { address, revision, onSaved, onRefused, onStale, wait });
    this.line = document.getElementById("saving");
    this.busy = false;
    this.stopped = false;
    const kept = this.read();
    if (Object.keys(kept.changes).length > 0) {
      onRestored?.({ ...kept.inFlight?.changes, ...kept.changes });
      this.soon();
    }
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => this.send());
    window.setInterval(() => this.send(), 5000);
  }

  read() {
    const text = localStorage.getItem(place(this.address));
    return text ? JSON.parse(text) : { changes: {}, inFlight: null };
  }

  write(kept) {
    if (Object.keys(kept.changes).length === 0) localStorage.removeItem(place(this.address));
    else localStorage.setItem(place(this.address), JSON.stringify(kept));
  }

  /** Keeps one change on this device and sends it soon. */
  change(name, value) {
    const kept = this.read();
    kept.changes[name] = value;
    this.write(kept);
    this.stopped = false;
    this.show("sending");
    this.soon();
  }

  soon() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), this.wait);
  }

  get unsent() {
    return Object.keys(this.read().changes).length;
  }

  /** Sends what is kept; resolves when nothing is left or it must wait. */
  async send() {
    if (this.busy || this.stopped || this.unsent === 0) return;
    this.busy = true;
    const kept = this.read();
    // A batch keeps its key until it is answered, so that a repeat finds its first receipt.
    kept.inFlight ??= { key: newKey(), base: this.revision, changes: { ...kept.changes } };
    this.write(kept);
    this.show("sending");
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
    else if (answer.status >= 500) this.show("waiting");
    else if (answer.status === 409) this.halted("stale", () => this.onStale?.(body));
    else this.halted("refused", () => this.onRefused?.(body));
  }

  settled(body) {
    const kept = this.read();
    for (const [name, value] of Object.entries(kept.inFlight.changes)) {
      if (JSON.stringify(kept.changes[name]) === JSON.stringify(value)) delete kept.changes[name];
    }
    kept.inFlight = null;
    this.write(kept);
    this.revision = body.revision;
    this.show("saved", body.saved_at);
    this.onSaved?.(body);
    if (this.unsent > 0) this.soon();
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
    this.stopped = false;
    this.send();
  }

  /** The person chose: forget our unsent changes (all, or one name). */
  drop(name) {
    const kept = this.read();
    if (name === undefined) kept.changes = {};
    else delete kept.changes[name];
    kept.inFlight = null;
    this.write(kept);
    this.stopped = false;
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

  show(state, time) {
    if (!this.line) return;
    this.line.dataset.now = state;
    const said = this.line.dataset[{ "signed-out": "signedOut" }[state] ?? state] ?? "";
    this.line.textContent = said.replace("%(time)s", time ?? "").replace("%(count)s", String(this.unsent));
  }
}
