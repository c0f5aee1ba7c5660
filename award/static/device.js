// What this device keeps of one person until the server has acknowledged it: changes and batches, in IndexedDB.
//
// A change stands in memory at once, so that the page never waits, and its write begins in the same turn, committed
// without a further round trip: a tab closed or killed right after does not take it along. See docs/decisions/0011.
// Where the browser has no storage, or a full one, changes live as long as the window: `device.lasting` is false then.

export const person = () => document.querySelector('meta[name="actor"]')?.content ?? "";
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const OLD = "outbox:"; // where pages of before kept it, in localStorage: outbox:<person>:<address>
const LONGEST = 2_000; // milliseconds for the storage to answer; then the page goes on in memory

const whose = person();
const changes = new Map(); // address -> Map(name -> {value, was, late})
const batches = new Map(); // address -> {key, base, changes}
const listeners = new Set();
let waiting = []; // writes that no transaction holds yet
let writing = false;
let database = null;

const at = (address) => changes.get(address) ?? changes.set(address, new Map()).get(address);
const own = () => IDBKeyRange.bound([whose], [whose, []]); // every key that begins with this person

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("an older page holds the storage"));
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("not written"));
  });
}

const inTime = (promise) =>
  Promise.race([promise, new Promise((_, reject) => window.setTimeout(() => reject(new Error("too slow")), LONGEST))]);

function begin(mode) {
  // "strict": on the disk, not only with the operating system, which a phone that dies takes along.
  return database.transaction(["changes", "batches"], mode, { durability: "strict" });
}

async function open() {
  const request = window.indexedDB.open("outbox", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("changes", { keyPath: ["person", "address", "name"] });
    request.result.createObjectStore("batches", { keyPath: ["person", "address"] });
  };
  const found = await asked(request);
  found.onversionchange = () => found.close(); // a newer page needs the storage: do not stand in its way
  database = found;
  const transaction = begin("readonly");
  const [rows, kept] = await Promise.all([
    asked(transaction.objectStore("changes").getAll(own())),
    asked(transaction.objectStore("batches").getAll(own())),
  ]);
  for (const { address, name, value, was, late } of rows) {
    if (!at(address).has(name)) at(address).set(name, { value, was, late });
  }
  for (const { address, batch } of kept) if (!batches.has(address)) batches.set(address, batch);
}

/** What pages of before left in localStorage moves over; there it is deleted once it is written here. */
function takeOver() {
  const prefix = `${OLD}${whose}:`;
  let keys;
  try {
    keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
  } catch {
    return; // refused by the browser's settings: nothing was left there
  }
  for (const key of keys.filter((each) => each?.startsWith(prefix))) {
    const address = key.slice(prefix.length);
    const kept = JSON.parse(localStorage.getItem(key));
    for (const [name, value] of Object.entries(kept.changes ?? {})) {
      if (!at(address).has(name)) device.put(address, name, value, undefined);
    }
    if (kept.inFlight && !batches.has(address)) device.keepBatch(address, kept.inFlight);
    // Ends after the writes before it: only then, and if none failed, the old place is emptied.
    finished(begin("readwrite")).then(() => device.lasting && localStorage.removeItem(key), () => {});
  }
}

// A write: ["put" | "batch", row], ["settle", key, value] or ["delete" | "end", key, batch key].
function apply(transaction, [kind, what, more]) {
  const rows = transaction.objectStore("changes");
  const kept = transaction.objectStore("batches");
  if (kind === "put") rows.put(what);
  else if (kind === "batch") kept.put(what);
  else if (kind === "delete") rows.delete(what);
  else if (kind === "settle") {
    rows.get(what).onsuccess = (event) => {
      if (event.target.result && same(event.target.result.value, more)) rows.delete(what);
    };
  } else {
    kept.get(what).onsuccess = (event) => {
      if (event.target.result?.batch.key === more) kept.delete(what);
    };
  }
}

function everything() {
  const rows = [...changes].flatMap(([address, named]) =>
    [...named].map(([name, row]) => ["put", { person: whose, address, name, ...row }]),
  );
  return [...rows, ...[...batches].map(([address, batch]) => ["batch", { person: whose, address, batch }])];
}

/** Writes what waits; resolves when it is on the disk. While one transaction runs, the next gathers: typing is fast. */
function flush({ now = false } = {}) {
  if ((waiting.length === 0 && device.lasting) || database === null || (writing && !now)) return null;
  const taken = device.lasting ? waiting : [...everything(), ...waiting]; // a write failed: once more, all of it
  waiting = [];
  let transaction;
  try {
    transaction = begin("readwrite");
    taken.forEach((each) => apply(transaction, each));
    if (taken.every(([kind]) => ["put", "batch", "delete"].includes(kind))) transaction.commit?.();
  } catch {
    lost();
    return null;
  }
  writing = true;
  const done = finished(transaction);
  done.then(
    () => {
      writing = false;
      device.lasting = true;
      flush();
    },
    () => {
      writing = false;
      lost();
    },
  );
  return done;
}

function lost() {
  device.lasting = false;
  listeners.forEach((tell) => tell("lost"));
}

function write(...what) {
  if (database !== null || device.lasting) waiting.push(what); // without a storage memory is all there is
  return flush();
}

export const device = {
  /** Whether what is kept outlives this window. */
  lasting: true,

  /** Name -> {value, was, late} of one address. `was`: what was stored, as far as the page knew, before the change;
   * `late`: it did not arrive before the card was locked, and the person has seen so. */
  rows(address) {
    return at(address);
  },

  put(address, name, value, was, late = false) {
    at(address).set(name, { value, was, late });
    write("put", { person: whose, address, name, value, was, late });
  },

  /** The server has `value`: forgotten, unless this or another window changed it once more. */
  settle(address, name, value) {
    const row = at(address).get(name);
    if (row === undefined || same(row.value, value)) {
      at(address).delete(name);
      write("settle", [whose, address, name], value);
    } else this.put(address, name, row.value, value);
  },

  drop(address, name) {
    at(address).delete(name);
    write("delete", [whose, address, name]);
  },

  batch(address) {
    return batches.get(address) ?? null;
  },

  /** Resolves when the batch is on the disk, or cannot be. */
  async keepBatch(address, batch) {
    batches.set(address, batch);
    waiting.push(["batch", { person: whose, address, batch }]);
    await inTime(Promise.resolve(flush({ now: true }))).catch(() => {});
  },

  endBatch(address) {
    const batch = batches.get(address);
    batches.delete(address);
    if (batch) write("end", [whose, address], batch.key);
  },

  /** How much of this person is unsent on this device, by address: also what other windows keep. */
  async unsent() {
    const found = new Map([...changes].map(([address, rows]) => [address, rows.size]));
    try {
      await ready;
      await flush({ now: true });
      const keys = await inTime(asked(begin("readonly").objectStore("changes").getAllKeys(own())));
      found.clear();
      for (const [, address] of keys) found.set(address, (found.get(address) ?? 0) + 1);
    } catch {
      // no storage: what this window holds is all there is
    }
    return new Map([...found].filter(([, count]) => count > 0));
  },

  /** Forgets everything of this person, in every window. Resolves when it is gone. */
  async empty() {
    changes.clear();
    batches.clear();
    waiting = [];
    channel?.postMessage({ emptied: whose });
    try {
      const transaction = begin("readwrite");
      transaction.objectStore("changes").delete(own());
      transaction.objectStore("batches").delete(own());
      await inTime(finished(transaction));
    } catch {
      // nothing was kept there
    }
  },

  /** Calls back with "lost" when a write failed, "found" when a slow storage answered after all, and "emptied" when
   * another window emptied it. */
  listen(tell) {
    listeners.add(tell);
  },
};

const channel = "BroadcastChannel" in window ? new BroadcastChannel("outbox") : null;
channel?.addEventListener("message", ({ data }) => {
  if (data.emptied !== whose) return;
  changes.clear();
  batches.clear();
  waiting = [];
  listeners.forEach((tell) => tell("emptied"));
});

/** Resolves when what earlier visits left is known, or the storage does not answer in time; never fails. */
export const ready = (async () => {
  if (!whose || whose === "u0") return; // nobody is signed in
  const opened = open().then(takeOver);
  try {
    await inTime(opened);
    flush();
  } catch {
    lost();
    opened.then(
      () => {
        flush(); // slow, but there: all of it is written, and what was there is shown
        listeners.forEach((tell) => tell("found"));
      },
      () => {},
    );
  }
})();

// The page goes: whatever still gathers is written now.
window.addEventListener("pagehide", () => flush({ now: true }));
document.addEventListener("visibilitychange", () => document.hidden && flush({ now: true }));
