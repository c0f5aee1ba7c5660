// The entry form: saved as one types, numbers worked out at once, both versions shown where two people met.

import { allCodes, asShown, codeOf, jumpTo, keyOf, placeOf, putValue, sayFaultOf, servedValueOf, showFaults, startTables, valueOf } from "./entry_answers.js";
import { askAbout } from "./entry_disputes.js";
import { startEvidence } from "./entry_evidence.js";
import { startLive } from "./entry_live.js";
import { mergeRows } from "./entry_merging.js";
import { startNotes } from "./entry_notes.js";
import { ratioText } from "./entry_numbers.js";
import { sumUp } from "./entry_rows.js";
import { isFirstVisit, Outbox } from "./saving.js";

const form = document.getElementById("answers");
const message = document.getElementById("message");
// Rows are the same whatever the order in which their cells were written down; no rows and nothing are, too.
const inOrder = (value) => (Array.isArray(value) ? value.map((row) => Object.entries(row).sort()) : value);
const asText = (value) => JSON.stringify(Array.isArray(value) && value.length === 0 ? "" : inOrder(value) || "");
const same = (one, other) => asText(one) === asText(other);

// What is stored, as far as this page knows: a change that was begun on something else is never just sent.
const known = JSON.parse(form.dataset.stored);
const first = isFirstVisit() && !("unsaved" in form.dataset); // then what differs was typed before this code arrived
const before = (code) => ("unsaved" in form.dataset ? null : first ? servedValueOf(code) : valueOf(code));
const shown = Object.fromEntries(allCodes().map((code) => [code, before(code)]));

const outbox = new Outbox({
  address: form.getAttribute("action"),
  revision: Number(form.dataset.revision),
  wait: 800,
  stored: (code) => known[code] ?? "",
  onSaved: saved,
  onRefused: refused,
  onStale: stale,
  onRestored(changes) {
    for (const [code, value] of Object.entries(changes)) {
      if (same(value, known[code])) outbox.drop(code); // it had arrived; only the answer was lost
      else show(code, value);
    }
    if (outbox.unsent === 0) outbox.show("saved", "");
  },
});

function show(code, value) {
  putValue(code, value);
  shown[code] = valueOf(code);
}

function changed(code) {
  const value = valueOf(code);
  if (shown[code] !== null && same(shown[code], value)) return;
  shown[code] = value;
  outbox.change(code, value);
  workOut(code);
  showServing();
}

/** The names of the projects that are ticked for a dimension stand in that dimension, too: written once, seen there. */
function showServing() {
  for (const line of form.querySelectorAll("[data-serving]")) {
    const names = [...form.querySelectorAll(`[data-row] input[type=checkbox][name$=":${CSS.escape(line.dataset.serving)}"]`)]
      .filter((box) => box.checked)
      .map((box) => box.closest("[data-row]").querySelector("[data-answer]").value.trim())
      .filter((name) => name !== "");
    line.hidden = names.length === 0;
    line.querySelector("span").textContent = names.join(", ");
  }
}

/** Says it above the form, where it stays in sight; `go` leads to the question that it is about. */
function say(text, { level = "alert", go = null } = {}) {
  message.replaceChildren();
  if (!text) return;
  const box = document.createElement("div");
  box.className = level === "alert" ? "error-summary" : "notice";
  box.setAttribute("role", level);
  box.textContent = text;
  message.append(box);
  if (!go) return;
  const there = document.createElement("button");
  there.type = "button";
  there.className = "plain";
  there.textContent = form.dataset.toDispute;
  there.addEventListener("click", go);
  box.append(" ", there);
}

/** The question that the server names waits until it is mended, said at it, too; all else that was typed is stored. */
function refused({ error, details }, sent) {
  const code = details?.field;
  if (code === undefined || !(code in sent)) {
    say(error);
    return;
  }
  faults.set(code, error);
  outbox.leaveOut(code, sent[code]);
  sayLeftOut();
}

const faults = new Map(); // code -> why the server did not take what is written there

/** Says again what was left out, where nothing else does; what was written anew since is forgotten. Whether any is. */
function sayLeftOut({ above = true } = {}) {
  for (const code of [...faults.keys()]) {
    if (code in outbox.changes() && !(code in outbox.sendable())) sayFaultOf(code, faults.get(code));
    else faults.delete(code);
  }
  const [[code, error] = []] = faults;
  const go = () => {
    say(""); // it stands at the question, too, and would cover what is written there
    jumpTo(placeOf(code));
  };
  if (code && above) say(error, { go });
  return faults.size > 0;
}

// --- after a save -------------------------------------------------------------------------------------------------

function saved(body, sent) {
  form.elements.namedItem("base_revision").value = outbox.revision;
  let waiting = outbox.changes();
  const tables = (body.theirs ?? []).filter((code) => code in sent && keyOf(code) !== "");
  takeIn(body, sent, tables);
  // Typed on while our own save was under way: what is stored now is what it goes on from. The answer to a repeat may
  // come after somebody else's save; then the two are told apart.
  if (!body.repeated) {
    for (const code of Object.keys(sent)) {
      if (tables.includes(code)) takeRows(code, sent[code], body.stored[code]);
      else if (code in waiting) outbox.rebase(code, known[code]);
    }
    waiting = outbox.changes();
  }
  if (!sayLeftOut()) say(body.notice, { level: "status" });
  showState(body, waiting);
}

/** What is stored now, of some questions: shown where nothing of ours waits. ๙,๗๒๗ shows as 9727, a day as it is read. */
function takeIn({ stored, values }, sent = {}, apart = []) {
  const waiting = outbox.changes();
  for (const [code, value] of Object.entries(stored)) {
    const own = code in sent;
    known[code] = value;
    if (apart.includes(code)) continue;
    if (code in waiting || (own && codeOf(document.activeElement) === code)) continue;
    const said = values?.[code] ?? value;
    if (same(valueOf(code), said)) shown[code] = said;
    else {
      show(code, said);
      if (!own) mark(code);
      workOut(code);
    }
  }
}

/** Others' rows stand with those that we sent of a table: they come into the page, and what was written since goes on
 * from there. */
function takeRows(code, sent, stored) {
  if (!(code in outbox.changes())) show(code, stored || []);
  else if (!goOn(code, sent, stored)) outbox.rebase(code, sent); // asked about before it is sent again
}

/** Puts what both sides changed of a table since `was` together, where nothing is disputed. Whether it did. */
function goOn(code, was, there) {
  const merged = mergedRows(code, was, there);
  if (merged === null || merged.disputed.length > 0) return false;
  show(code, merged.rows);
  workOut(code);
  if (same(merged.rows, asShown(code, there || []))) outbox.drop(code);
  else {
    outbox.change(code, merged.rows);
    outbox.rebase(code, there);
  }
  return true;
}

function mergedRows(code, was, there) {
  if (was === undefined || keyOf(code) === "") return null;
  return mergeRows(asShown(code, was || []), asShown(code, there || []), valueOf(code), keyOf(code));
}

/** Somebody else's answer came into the page: said at the question until it is looked at. */
function mark(code) {
  const place = form.querySelector(`[data-question="${CSS.escape(code)}"]`);
  if (!place || place.querySelector("[data-came]")) return;
  const line = document.createElement("p");
  line.className = "came";
  line.dataset.came = "";
  line.textContent = form.dataset.came;
  place.prepend(line);
  window.setTimeout(() => line.remove(), 60_000);
}

function showState(body, waiting = outbox.changes()) {
  showFaults(body.wrong);
  sayLeftOut({ above: false });
  showServing();
  for (const box of form.querySelectorAll("[data-result]")) {
    const result = body.results[box.dataset.result];
    if (!result || box.dataset.top in waiting || box.dataset.bottom in waiting) continue;
    box.querySelector("[data-value]").textContent = result.shown ?? "–";
    const level = box.querySelector("[data-level]");
    if (level) level.innerHTML = result.level; // made by our own template, escaped there
  }
  document.querySelector("[data-checklist]").innerHTML = body.checklist;
  const todo = document.querySelector("[data-todo-count]");
  todo.textContent = body.todo;
  todo.hidden = body.todo === 0;
  const next = document.querySelector("[data-next-missing]");
  next.hidden = body.todo === 0;
  next.textContent = next.dataset.said.replace("{n}", String(body.todo));
  for (const [code, count] of Object.entries(body.counts)) {
    const badge = document.querySelector(`[data-count="${code}"]`);
    if (!badge) continue; // nothing of that part was returned
    badge.hidden = count === 0;
    badge.querySelector("[data-number]").textContent = count;
  }
}

function workOut(code) {
  sumUp(code);
  for (const box of form.querySelectorAll("[data-result]")) {
    const { top, bottom, times, places, mode } = box.dataset;
    if (code !== top && code !== bottom) continue;
    const text = ratioText({ top: valueOf(top), bottom: bottom ? valueOf(bottom) : null, times, places, mode });
    box.querySelector("[data-value]").textContent = text ?? "–";
    const level = box.querySelector("[data-level]");
    if (level) level.textContent = "…"; // the server says which level once it has the number
  }
}

// --- two people, one entry ------------------------------------------------------------------------------------------

/** What only one side changed needs no question; what both changed is shown in both versions. */
function stale({ details, error }) {
  const mine = outbox.changes();
  const disputed = [];
  for (const code of allCodes()) {
    const there = (details.stored ? details.stored[code] : known[code]) ?? "";
    const was = outbox.was(code);
    if (!(code in mine)) {
      if (!same(there, known[code])) {
        show(code, there);
        mark(code);
      }
    } else if (same(mine[code], there)) outbox.drop(code);
    else if (was === undefined ? !same(there, known[code]) : !same(there, was)) {
      const merged = mergedRows(code, was, there);
      if (merged === null) disputed.push([code, null]);
      else if (!goOn(code, was, there)) {
        show(code, merged.rows);
        outbox.change(code, merged.rows); // until the person has chosen, it still builds on what it was begun on
        merged.disputed.forEach((row) => disputed.push([code, row]));
      }
    }
    known[code] = there;
  }
  form.querySelectorAll("[data-dispute]").forEach((box) => box.remove());
  if (disputed.length === 0) {
    outbox.takeOver(details.revision);
    return;
  }
  outbox.hold(details.revision);
  say(error || form.dataset.met, { go: () => form.querySelector("[data-dispute] button")?.focus() });
  askAbout(disputed, { outbox, known, show, changed, done: () => say("") });
}

// --- what the person does -------------------------------------------------------------------------------------------

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    if (event.target.matches("[data-answer]")) changed(codeOf(event.target));
  });
}

async function sendAll() {
  allCodes().forEach(changed);
  for (let turn = 0; turn < 100 && outbox.unsent > 0 && !outbox.stopped; turn += 1) {
    await outbox.send();
    if (outbox.unsent > 0) await new Promise((done) => setTimeout(done, 50));
    if (["waiting", "refused"].includes(outbox.line?.dataset.now) && !outbox.busy) break;
  }
  return outbox.unsent === 0;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const address = event.submitter?.dataset.check;
  const done = await sendAll();
  const left = done && address ? leftBehind() : null;
  const go = () => {
    say("");
    left.go();
  };
  if (left) say(left.said, { go });
  else if (done && address) window.location.assign(address);
  else if (!done && !message.textContent) {
    const fault = form.querySelector("[data-error]:not([hidden])");
    say(outbox.line?.textContent, { go: fault && (() => jumpTo(fault.dataset.error)) });
  }
});

document.querySelector("[data-checklist]").addEventListener("click", (event) => {
  const link = event.target.closest("[data-jump]");
  if (!link) return;
  event.preventDefault();
  jumpTo(link.dataset.jump);
});

// Last year's answer, put here because the person says so, and still theirs to mend.
form.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-take]")?.closest("[data-offer]");
  if (!offer) return;
  putValue(offer.dataset.offer, JSON.parse(offer.dataset.value));
  changed(offer.dataset.offer);
  offer.remove();
  jumpTo(`f-${offer.dataset.offer}`);
});
form.querySelectorAll("[data-take]").forEach((button) => (button.hidden = false));
form.querySelectorAll(".no-code").forEach((link) => (link.hidden = true));

document.querySelector("[data-next-missing]").addEventListener("click", (event) => {
  const [next] = document.querySelectorAll("[data-checklist] [data-jump]");
  if (!next) return;
  event.preventDefault();
  jumpTo(next.dataset.jump);
});

const menu = document.querySelector(".parts-menu");
if (window.matchMedia("(max-width: 61.99rem)").matches) menu.open = false; // on a phone the form itself comes first
menu.addEventListener("click", (event) => {
  if (event.target.closest("a") && window.matchMedia("(max-width: 61.99rem)").matches) menu.open = false;
});

startTables(changed);
startNotes();
const leftBehind = startEvidence((body) => showState(body));
startLive({
  form,
  revision: () => outbox.revision,
  took(body) {
    if (outbox.busy || outbox.held) return; // next time
    outbox.revision = Math.max(outbox.revision, body.revision);
    form.elements.namedItem("base_revision").value = outbox.revision;
    takeIn(body);
    showState(body);
    if (outbox.unsent > 0) outbox.soon();
  },
  ended: () => say(form.dataset.ended),
});
if (first) allCodes().forEach(changed);
if (window.location.hash.startsWith("#f-")) jumpTo(window.location.hash.slice(1));
