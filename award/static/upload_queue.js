// Files on their way: kept on this device until the server has them, sent one after the other in pieces that grow on a
// good line and shrink on a bad one. A line that breaks, a reload, a closed browser: it goes on where it stopped.

import { person } from "./device.js";

const SMALLEST = 32 * 1024;
const LARGEST = 1024 * 1024; // bytes of one piece; the server takes no more
const LONGEST = 20_000; // milliseconds until a piece whose answer does not come counts as lost
const LOOKING = 180_000; // the same for the end: the file is looked through first
const OLD = 14 * 24 * 3600 * 1000; // what nobody brought to its end in that time goes
const WAITS = [1000, 2000, 4000, 8000, 15_000];

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// --- what is kept on the device ------------------------------------------------------------------------------------

let opened;

function store(mode) {
  opened ??= new Promise((resolve, reject) => {
    const request = window.indexedDB.open("files", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("waiting", { keyPath: "id", autoIncrement: true });
    asked(request).then(resolve, reject);
  });
  return opened.then((database) => database.transaction("waiting", mode, { durability: "strict" }).objectStore("waiting"));
}

async function keep(row) {
  try {
    row.id = await asked((await store("readwrite")).put({ ...row, at: Date.now(), person: person() }));
    row.lasting = true;
  } catch {
    row.lasting = false; // no storage, or a full one: it lives as long as this page
  }
}

async function forget(row) {
  if (row.lasting) await asked((await store("readwrite")).delete(row.id)).catch(() => {});
}

const isThere = async (row) => !row.lasting || (await asked((await store("readonly")).get(row.id)).catch(() => row)) !== undefined;

/** What an earlier visit of this person left for this entry. */
async function kept(address) {
  try {
    const rows = await asked((await store("readonly")).getAll());
    for (const row of rows.filter((each) => Date.now() - each.at > OLD)) await forget({ ...row, lasting: true });
    return rows
      .filter((row) => row.person === person() && row.address === address && Date.now() - row.at <= OLD)
      .map((row) => ({ ...row, lasting: true }));
  } catch {
    return [];
  }
}

// --- sending -------------------------------------------------------------------------------------------------------

class Refused extends Error {
  constructor(body, status) {
    super(body.error ?? "");
    Object.assign(this, { body, status });
  }
}

class Away extends Error {} // nothing came back: it is tried again

async function freshToken() {
  const text = await (await fetch(window.location.href, { headers: { Accept: "text/html" } })).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const token = page.querySelector('meta[name="csrf-token"]');
  if (token && page.querySelector('meta[name="actor"]')?.content === person()) {
    document.querySelector('meta[name="csrf-token"]').content = token.content;
  }
}

async function post(address, body, longest = LONGEST) {
  let answer, told;
  try {
    answer = await fetch(address, {
      method: "POST",
      body,
      headers: {
        Accept: "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        "X-Person": person(),
        ...(body instanceof Blob ? { "Content-Type": "application/octet-stream" } : {}),
      },
      signal: AbortSignal.timeout?.(longest),
    });
    told = await answer.json();
    if (answer.status === 400 && told.code === "csrf") await freshToken();
  } catch {
    throw new Away();
  }
  if (answer.ok) return told;
  const signedOut = answer.status === 401 || told.code === "csrf";
  if (signedOut || answer.status >= 500 || answer.status === 429) throw Object.assign(new Away(), { signedOut });
  throw new Refused(told, answer.status);
}

async function markOf(file) {
  if (!window.crypto?.subtle) return `time:${Math.max(0, Math.trunc(file.lastModified ?? 0))}`;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return `sha256:${[...new Uint8Array(digest)].map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * The queue of one entry's page. `tell(row)` shows how a file is: row.state is "waiting", "sending", "away", "signed-out",
 * "looking" or "refused" (row.error says why), row.came of row.size bytes are there. `done(row, body)` gets the server's
 * answer when it is evidence; `gone(row)` is told of a file that leaves the list without.
 */
export class UploadQueue {
  constructor({ address, tell, done, gone }) {
    Object.assign(this, { address, tell, done, gone, rows: [], busy: false });
    this.piece = 4 * SMALLEST;
    for (const kind of ["online", "focus"]) window.addEventListener(kind, () => this.wake?.());
  }

  async restore() {
    for (const row of await kept(this.address)) {
      Object.assign(row, { state: "waiting", came: 0, size: row.file.size });
      this.rows.push(row);
      this.tell(row);
    }
    this.run();
  }

  async add(file, { field, title = "", given_by = "", before = 0 }) {
    const row = { address: this.address, field, title, given_by, file, name: file.name, before };
    await keep(row);
    Object.assign(row, { state: "waiting", came: 0, size: file.size });
    this.rows.push(row);
    this.tell(row);
    this.run();
  }

  async drop(row) {
    this.rows = this.rows.filter((each) => each !== row);
    row.dropped = true;
    await forget(row);
    this.gone(row);
    this.wake?.();
    if (row.upload) await post(`/uploads/${row.upload}/drop`, new URLSearchParams()).catch(() => {});
  }

  again(row) {
    Object.assign(row, { state: "waiting", error: "" });
    this.tell(row);
    this.run();
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let row = this.next(); row; row = this.next()) {
        // Where another window sends already, this one waits for it.
        if (navigator.locks) await navigator.locks.request(`files:${this.address}`, () => this.bring(row));
        else await this.bring(row);
      }
    } finally {
      this.busy = false;
    }
  }

  next() {
    return this.rows.find((row) => row.state !== "refused");
  }

  async bring(row) {
    if (!(await isThere(row))) return this.leave(row);
    let tries = 0;
    while (!row.dropped) {
      try {
        const body = await this.send(row, () => (tries = 0));
        if (row.dropped) return undefined;
        await forget(row);
        this.rows = this.rows.filter((each) => each !== row);
        this.done(row, body);
        return undefined;
      } catch (error) {
        if (error instanceof Away) {
          this.piece = Math.max(SMALLEST, this.piece / 2);
          this.show(row, error.signedOut ? "signed-out" : "away");
          await this.pause(WAITS[Math.min(tries, WAITS.length - 1)]);
          tries += 1;
        } else if (error instanceof Refused) {
          return this.refuse(row, error);
        } else if (error?.name === "NotFoundError" || error?.name === "NotReadableError") {
          return this.leave(row); // the file itself is gone from the device
        } else throw error;
      }
    }
    return undefined;
  }

  leave(row) {
    this.rows = this.rows.filter((each) => each !== row);
    this.gone(row);
  }

  async refuse(row, { body, status }) {
    row.error = body.error;
    row.mayAgain = status === 423 || /full|too_many/.test(body.id);
    if (!row.mayAgain) await forget(row);
    this.show(row, "refused");
  }

  /** Everything from the announcement to the end; what has come already is not sent again. */
  async send(row, gotOn) {
    row.mark ??= await markOf(row.file);
    const { field, title, given_by, name, mark } = row;
    const about = new URLSearchParams({ field, title, given_by, name, size: row.size, mark });
    for (let turn = 0; turn < 5; turn += 1) {
      const way = await post(`${this.address}/uploads`, about);
      Object.assign(row, { upload: way.upload, came: way.at });
      try {
        while (row.came < row.size) {
          if (row.dropped) return undefined;
          this.show(row, "sending");
          await this.sendPiece(row);
          gotOn();
        }
        this.show(row, "looking");
        return await post(`/uploads/${row.upload}/finish`, new URLSearchParams({ mark }), LOOKING);
      } catch (error) {
        // Another window added to it, it was tidied away, or the bytes were not the file's: ask how far it is.
        if (!(error instanceof Refused) || ![404, 409].includes(error.status)) throw error;
      }
    }
    throw new Away();
  }

  async sendPiece(row) {
    const began = performance.now();
    const piece = row.file.slice(row.came, row.came + this.piece);
    try {
      row.came = (await post(`/uploads/${row.upload}/piece?at=${row.came}`, piece)).at;
    } catch (error) {
      if (error.body?.details?.at === undefined) throw error;
      row.came = error.body.details.at;
    }
    if (performance.now() - began < 1500) this.piece = Math.min(LARGEST, this.piece * 2);
  }

  show(row, state) {
    row.state = state;
    if (!row.dropped) this.tell(row);
  }

  /** Until the time is over, the network comes back, or the person does something. */
  pause(wait) {
    return new Promise((go) => {
      const timer = window.setTimeout(go, wait);
      this.wake = () => {
        window.clearTimeout(timer);
        go();
      };
    });
  }
}
