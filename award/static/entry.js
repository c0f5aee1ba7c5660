// The entry form: saved as one types, numbers worked out at once, both versions shown where two people met.

import { allCodes, codeOf, jumpTo, putValue, servedValueOf, showFaults, startTables, valueOf } from "./entry_answers.js";
import { startEvidence } from "./entry_evidence.js";
import { ratioText } from "./entry_numbers.js";
import { isFirstVisit, Outbox } from "./saving.js";

const form = document.getElementById("answers");
const message = document.getElementById("message");
const same = (one, other) => JSON.stringify(one || "") === JSON.stringify(other || "");

// What is stored, as far as this page knows: a save by somebody else is a conflict only where it differs from this.
const known = JSON.parse(form.dataset.stored);
const first = isFirstVisit() && !("unsaved" in form.dataset); // then what differs was typed before this code arrived
const before = (code) => ("unsaved" in form.dataset ? null : first ? servedValueOf(code) : valueOf(code));
const shown = Object.fromEntries(allCodes().map((code) => [code, before(code)]));

const outbox = new Outbox({
  address: form.getAttribute("action"),
  revision: Number(form.dataset.revision),
  wait: 800,
  onSaved: saved,
  onRefused: (answer) => say(answer.error),
  onStale: stale,
  onRestored(changes) {
    for (const [code, value] of Object.entries(changes)) putValue(code, value);
  },
});

function changed(code) {
  const value = valueOf(code);
  if (shown[code] !== null && same(shown[code], value)) return;
  shown[code] = value;
  outbox.change(code, value);
  workOut(code);
}

function say(text, level = "alert") {
  message.replaceChildren();
  if (!text) return;
  const box = document.createElement("div");
  box.className = level === "alert" ? "error-summary" : "notice";
  box.setAttribute("role", level);
  box.textContent = text;
  message.append(box);
}

// --- after a save -------------------------------------------------------------------------------------------------

function saved(body) {
  Object.assign(known, body.stored);
  form.elements.namedItem("base_revision").value = body.revision;
  const waiting = outbox.read().changes;
  for (const [code, value] of Object.entries(body.values)) {
    const busy = code in waiting || codeOf(document.activeElement) === code;
    if (!busy && valueOf(code) !== value) {
      putValue(code, value); // ๙,๗๒๗ shows as 9727, 19/7/2564 as the day it means
      shown[code] = value;
    }
  }
  say(body.notice, "status");
  showState(body, waiting);
}

function showState(body, waiting = outbox.read().changes) {
  showFaults(body.wrong);
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
  for (const [code, count] of Object.entries(body.counts)) {
    const badge = document.querySelector(`[data-count="${code}"]`);
    badge.hidden = count === 0;
    badge.querySelector("[data-number]").textContent = count;
  }
}

function workOut(code) {
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

function stale({ details, error }) {
  const mine = outbox.read().changes;
  const disputed = [];
  for (const code of allCodes()) {
    const stored = details.stored[code] ?? "";
    if (same(stored, known[code])) continue;
    if (code in mine && !same(stored, mine[code])) disputed.push(code);
    else {
      if (!(code in mine)) {
        putValue(code, stored);
        shown[code] = valueOf(code);
      }
      known[code] = stored;
    }
  }
  form.querySelectorAll("[data-dispute]").forEach((box) => box.remove());
  if (disputed.length === 0) {
    outbox.takeOver(details.revision); // they changed other questions: nothing to choose
    return;
  }
  say(error);
  let open = disputed.length;
  const settle = (code) => {
    known[code] = details.stored[code] ?? "";
    open -= 1;
    if (open === 0) {
      say("");
      outbox.takeOver(details.revision);
    }
  };
  disputed.forEach((code) => dispute(code, details.stored[code] ?? "", settle));
  form.querySelector("[data-dispute] button").focus();
}

function dispute(code, stored, settle) {
  const place = form.querySelector(`[data-question="${CSS.escape(code)}"]`);
  const box = document.createElement("div");
  box.className = "other";
  box.dataset.dispute = code;
  const title = document.createElement("strong");
  title.textContent = form.dataset.other;
  const text = document.createElement("p");
  text.className = "as-written";
  text.textContent = (Array.isArray(stored) ? stored.map((row) => Object.values(row).join(" · ")).join("\n") : stored) || form.dataset.blank;
  const choose = (said, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    button.textContent = said;
    button.addEventListener("click", () => {
      box.remove();
      act();
      settle(code);
    });
    return button;
  };
  const theirs = choose(form.dataset.useOther, () => {
    outbox.drop(code);
    putValue(code, stored);
    shown[code] = valueOf(code);
  });
  box.append(title, text, theirs, " ", choose(form.dataset.useMine, () => {}));
  place.prepend(box);
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
    if (outbox.line?.dataset.now === "waiting" && !outbox.busy) break;
  }
  return outbox.unsent === 0;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const address = event.submitter?.dataset.check;
  const done = await sendAll();
  if (done && address) window.location.assign(address);
  else if (!done && !message.textContent) say(outbox.line?.textContent);
});

document.querySelector("[data-checklist]").addEventListener("click", (event) => {
  const link = event.target.closest("[data-jump]");
  if (!link) return;
  event.preventDefault();
  jumpTo(link.dataset.jump);
});

startTables(changed);
startEvidence((body) => showState(body));
if (first) allCodes().forEach(changed);
if (window.location.hash.startsWith("#f-")) jumpTo(window.location.hash.slice(1));
