// The chair's presses while the network is away or the server restarts: none is lost, none is done twice, and none that
// decides anything happens by itself later (docs/decisions/0027). A form of the page says which of the two it is:
//   data-press="kept"   a tick, a note: a fact of the moment, which stays true. It is on this device at once, is sent in
//                       the order pressed, with a key of its own, and refused where another device recorded otherwise.
//   data-press="now"    opens, closes, starts a countdown, decides about a card. It is tried for PATIENCE. Each attempt
//                       tells the server until when it holds, by the server's own time, so that nothing stuck on the way
//                       is done later. Then the page only asks what became of it, and offers it again.
// What the server refuses at once goes the plain way, without our code: its page shows the reason beside the form.
import { device, person, ready } from "./device.js";
import { followers } from "./live.js";
import { newKey, takeFreshToken } from "./saving.js";

const PATIENCE = 15_000; // milliseconds: as long as somebody still looks at the button that was pressed
const MARGIN = 4_000; // what our reckoning of the server's time may be wrong by
const AGAIN = 2_000;
const LONGEST = 8_000; // for one answer
const QUICK = 700; // a press that is answered sooner says nothing
const SHOWN = 12_000; // how long the page says that a slow press was done after all

const [follower] = followers;
const box = document.getElementById("presses");
const words = JSON.parse(box.dataset.words);
const address = window.location.pathname;
const pressed = new Set(); // the presses of "now" that are not settled
const forms = new Map(); // name of a kept press -> the form it came from
let sending = false;
let signedOut = false;

const pause = (time) => new Promise((go) => window.setTimeout(go, time));
const filled = (word, values) => Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`%(${name})s`, value), words[word]);

function clockTime(moment, exact = true) {
  const shown = { hour: "2-digit", minute: "2-digit", ...(exact ? { second: "2-digit" } : {}), timeZone: "Asia/Bangkok" };
  const text = new Date(moment).toLocaleTimeString("en-GB", shown);
  return document.documentElement.lang === "th" ? `${text.replaceAll(":", ".")} น.` : text;
}

/** To the thousandth: cut down to its second, a tick would lie before what was pressed a moment ago. */
function exactTime(moment) {
  const shown = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZone: "Asia/Bangkok" };
  return new Date(moment).toLocaleTimeString("en-GB", shown);
}

/** {state, body}: done, refused, signed-out, or away: no answer, so it may have been done or not. */
async function post(action, fields, { renewed = false } = {}) {
  let answer, body;
  try {
    answer = await fetch(action, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        "X-Person": person(), // somebody else may have signed in from another window
      },
      body: new URLSearchParams(fields),
      signal: AbortSignal.timeout(LONGEST),
      keepalive: true, // whoever presses and goes on to another page has pressed
    });
    body = await answer.json();
  } catch {
    return { state: "away" };
  }
  if (answer.ok) return { state: "done", body };
  if (answer.status === 401) return { state: "signed-out" };
  if (answer.status === 400 && body.code === "csrf") {
    return !renewed && (await takeFreshToken()) ? post(action, fields, { renewed: true }) : { state: "signed-out" };
  }
  return { state: answer.status >= 500 || answer.status === 429 ? "away" : "refused", body };
}

/** What was pressed, in the words of the page. */
function wordsOf(form, button) {
  const about = form.closest(".slot")?.querySelector(".slot-head") ?? form.closest(".stage")?.querySelector(".stage-head");
  const typed = form.querySelector("textarea")?.value.trim();
  const what = button?.getAttribute("aria-label") ?? button?.textContent ?? "";
  return [what, about?.textContent, typed].filter(Boolean).map((text) => text.replace(/\s+/g, " ").trim()).join(" · ");
}

/** Shows at once how it stands now, and leaves no form open that has done its work. */
async function settled(form, to = "") {
  if (form?.isConnected) {
    form.reset();
    if (form.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) document.activeElement.blur();
    form.closest("details.act-more")?.removeAttribute("open");
  }
  const there = new URL(to || window.location.href, window.location.href);
  if (there.pathname !== address) {
    window.location.assign(there);
    return;
  }
  await follower.refresh(follower.regions());
  if (!to) return;
  window.history.replaceState(null, "", there);
  if (there.hash === "#stage") document.getElementById("stage").scrollIntoView({ block: "nearest" });
}

// --- now, or not at all ---------------------------------------------------------------------------------------------

class Press {
  constructor(action, fields, what, form) {
    Object.assign(this, { action, fields, what, form });
    this.name = JSON.stringify([action, fields.filter(([name]) => name === "phase")]);
  }

  async go() {
    if ([...pressed].some(({ name, word }) => name === this.name && word !== "undone")) return; // it is being tried
    for (const other of [...pressed].filter(({ name }) => name === this.name)) other.end();
    pressed.add(this);
    this.key = newKey();
    await Promise.race([follower.heard, pause(AGAIN)]); // a page that was opened just now does not know the time yet
    this.until = Math.round(follower.now() + PATIENCE);
    const began = performance.now();
    const left = () => PATIENCE - (performance.now() - began);
    window.setTimeout(() => !this.word && pressed.has(this) && this.say("sending"), QUICK);
    for (;;) {
      const asks = left() <= 0;
      const { state, body } = await post(this.action, [...this.fields, ["key", this.key], ["until", asks ? "1" : String(this.until)]]);
      if (state === "done") return this.done(body.address);
      if (state === "refused") return body.id === "too_late" ? this.say("undone") : this.refused(body);
      if (state === "signed-out" && left() > 0) this.say("signed_out");
      else this.say(left() > 0 ? "trying" : "unknown");
      await pause(left() > 0 ? Math.min(AGAIN, Math.max(0, left())) : AGAIN);
      if (!asks && left() <= 0) {
        this.say("unknown");
        await pause(MARGIN); // then no attempt of before can be done any more, and the answer is certain
      }
    }
  }

  say(word) {
    this.word = word;
    show();
  }

  end() {
    pressed.delete(this);
    show();
  }

  async done(to) {
    const shown = this.word !== undefined;
    this.word = "done";
    if (shown) {
      show();
      window.setTimeout(() => this.end(), SHOWN);
    } else pressed.delete(this);
    await settled(this.form, to);
  }

  refused({ error, missing = [] }) {
    this.why = [error, ...missing].join(" ");
    if (this.form?.isConnected) {
      pressed.delete(this);
      this.form.submit(); // the same once more the plain way: its page says why, beside what was typed
    } else this.say("refused");
  }

  line() {
    const line = made("li", filled(this.word, { what: this.what, time: clockTime(this.until), why: this.why ?? "" }), `press-${this.word}`);
    if (["undone", "refused"].includes(this.word)) {
      const again = () => {
        this.end();
        new Press(this.action, this.fields, this.what, null).go();
      };
      line.append(button(words.again, again, "btn-primary"), button(words.leave, () => this.end()));
    }
    return line;
  }
}

// --- kept until it is sent ------------------------------------------------------------------------------------------

const kept = () => [...device.rows(address)].sort(([one], [other]) => (one < other ? -1 : 1));
const waits = () => kept().filter(([, { late }]) => !late);

function keep(action, given, what, form) {
  const fields = new Map(given);
  const of = (name) => waits().findLast(([, { value }]) => value.action === action && new Map(value.fields).get(name) === fields.get(name));
  const before = fields.has("seat") ? of("seat") : null;
  const told = before && new Map(before[1].value.fields).get("state");
  if (told && told === fields.get("state")) return; // pressed twice
  if (!fields.has("seat") && of("text")) return;
  if (told) fields.set("was", told); // on top of what waits before it
  if (fields.get("state") === "late" && !fields.get("arrived")?.trim()) {
    fields.set("arrived", exactTime(follower.now())); // when the member came, not when the network did
  }
  const at = Date.now();
  const name = `${String(at).padStart(15, "0")} ${newKey()}`;
  fields.set("key", name.split(" ")[1]);
  forms.set(name, form);
  device.put(address, name, { action, fields: [...fields], what, at, since: follower.now() }, undefined);
  window.setTimeout(show, QUICK);
  send();
}

/** In the order pressed; what waits for the network keeps what follows waiting. */
async function send() {
  if (sending) return;
  sending = true;
  await ready;
  let to = "";
  let last = null;
  for (const [name, { value }] of waits()) {
    const { state, body } = await post(value.action, value.fields);
    signedOut = state === "signed-out";
    if (state === "away" || signedOut) {
      forms.get(name)?.reset(); // it stands in the list now
      break;
    }
    if (state === "done") {
      device.drop(address, name);
      [to, last] = [body.address, forms.get(name)];
    } else device.put(address, name, { ...value, why: body.error }, undefined, true);
    forms.delete(name);
  }
  sending = false;
  show();
  if (to) await settled(last, to);
}

function keptLine([name, { value, late }]) {
  const word = late ? "refused" : signedOut ? "kept_signed_out" : device.lasting ? "kept" : "window";
  const line = made("li", filled(word, { what: value.what, time: clockTime(value.since, false), why: value.why ?? "" }), `press-${word}`);
  const leave = () => {
    device.drop(address, name);
    show();
  };
  if (late) line.append(button(words.leave, leave));
  return line;
}

// --- the page -------------------------------------------------------------------------------------------------------

function made(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  return element;
}

function button(text, act, look = "btn-outline-primary") {
  const element = made("button", text, `btn btn-sm ${look}`);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

function show() {
  const old = Date.now() - QUICK;
  const lines = [
    ...[...pressed].filter(({ word }) => word).map((press) => press.line()),
    ...kept().filter(([, { value, late }]) => late || value.at <= old).map(keptLine),
  ];
  const list = box.querySelector("ul");
  const told = (element) => element.textContent;
  if ([...list.children].map(told).join("\n") !== lines.map(told).join("\n")) list.replaceChildren(...lines);
  box.hidden = lines.length === 0;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.press || event.defaultPrevented) return;
  event.preventDefault();
  const fields = [...new FormData(form, event.submitter)].filter(([name]) => !["csrf_token", "key"].includes(name));
  const what = wordsOf(form, event.submitter ?? form.querySelector("button"));
  if (form.dataset.press === "kept") keep(form.getAttribute("action"), fields, what, form);
  else new Press(form.getAttribute("action"), fields, what, form).go();
});

window.setInterval(() => waits().length > 0 && send(), 3000);
window.addEventListener("online", () => waits().length > 0 && send());
device.listen(() => show());
await ready;
show();
if (waits().length > 0) send();
