// Files and links beside a question: sent without leaving the page, with what went wrong said at the question.

import { sayFault } from "./entry_answers.js";
import { smaller } from "./photos.js";
import { UploadQueue } from "./upload_queue.js";

const form = document.getElementById("answers");
const texts = document.getElementById("upload-texts").dataset;
const MB = 1024 * 1024;

async function post(address, data) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers });
    return [answer.ok, await answer.json()];
  } catch {
    return [false, { error: texts.offline }];
  }
}

const questionOf = (code) => document.getElementById(`f-${code}`);
const boxOf = (code) => questionOf(code).querySelector("[data-attach]");
const faultOf = (code) => questionOf(code).querySelector(`[data-error="f-${CSS.escape(code)}"]`);

function taken(code, body, changed) {
  questionOf(code).querySelector("[data-pieces]").innerHTML = body.pieces; // made by our own template, escaped there
  changed(body);
}

// --- files on their way ----------------------------------------------------------------------------------------------

const lines = new Map(); // row -> its line in the page

function made(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function lineOf(row, queue) {
  if (lines.has(row)) return lines.get(row);
  const line = made("li", "on-the-way-file");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", row.name);
  const button = (text, act) => {
    const one = made("button", "plain", text);
    one.type = "button";
    one.append(made("span", "visually-hidden", ` ${row.name}`));
    one.addEventListener("click", act);
    return one;
  };
  const again = button(texts.again, () => queue.again(row));
  const away = button(texts.awayButton, () => queue.drop(row));
  const said = made("p", "on-the-way-said");
  said.setAttribute("role", "status");
  const amount = made("span", "on-the-way-amount");
  const name = made("p", "on-the-way-name", `${row.name} `);
  name.append(amount);
  line.append(name, bar, said, again, away);
  Object.assign(line, { bar, said, again, amount });
  const list = questionOf(row.field).querySelector("[data-on-the-way]");
  list.append(line);
  list.hidden = false;
  lines.set(row, line);
  return line;
}

function tell(row, queue) {
  if (!questionOf(row.field)) return;
  const line = lineOf(row, queue);
  const percent = row.size > 0 ? Math.floor((row.came * 100) / row.size) : 0;
  line.bar.value = percent;
  line.bar.hidden = row.state === "refused";
  const mb = (bytes) => (bytes / MB).toFixed(1);
  const made = row.before > row.size ? ` ${texts.smaller.replace("{n}", mb(row.before))}` : "";
  line.amount.textContent = `${mb(row.came)} / ${mb(row.size)} MB${made}`;
  const name = { "signed-out": "signedOut" }[row.state] ?? row.state;
  const said = row.state === "refused" ? row.error : (texts[name] ?? "");
  if (line.said.textContent !== said) line.said.textContent = said; // each state is said once, not each percent
  line.said.classList.toggle("error", row.state === "refused");
  line.again.hidden = !(row.state === "refused" && row.mayAgain);
}

function takeOff(row) {
  const line = lines.get(row);
  lines.delete(row);
  const list = line?.parentElement;
  line?.remove();
  if (list && list.children.length === 0) list.hidden = true;
}

// --- choosing --------------------------------------------------------------------------------------------------------

async function enqueue(queue, code, chosen, about) {
  const whole = boxOf(code).querySelector("[data-original]")?.checked ?? false;
  const files = [];
  for (const each of chosen) files.push(whole ? each : await smaller(each)); // one after the other: each takes much room
  const most = Number(boxOf(code).dataset.maxMb);
  if (files.some((each) => each.size > most * MB)) {
    sayFault(faultOf(code), texts.tooLarge.replace("{n}", String(most)));
    return false;
  }
  sayFault(faultOf(code), "");
  // Another file comes in place of what was refused for good.
  queue.rows.filter((row) => row.field === code && row.state === "refused" && !row.mayAgain).forEach((row) => queue.drop(row));
  files.forEach((each, place) => queue.add(each, { field: code, before: chosen[place].size, ...about }));
  return true;
}

async function attach(own, queue, changed) {
  const code = own.elements.namedItem("field").value;
  const input = (name) => own.elements.namedItem(name);
  const inputs = ["file", "photo", "url", "sent", "title", "given_by"].map(input).filter(Boolean);
  const files = [...input("file").files, ...(input("photo")?.files ?? [])];
  const clear = () => inputs.forEach((each) => (each.value = ""));
  if (files.length > 0) {
    const button = boxOf(code).querySelector("button");
    button.disabled = true;
    const done = await enqueue(queue, code, files, { title: input("title").value, given_by: input("given_by").value });
    button.disabled = false;
    if (done) clear();
    return;
  }
  if (input("url").value.trim() === "" && !input("sent")?.value) return sayFault(faultOf(code), texts.choose);
  const button = boxOf(code).querySelector("button");
  button.disabled = true;
  const [done, body] = await post(own.action, new FormData(own));
  button.disabled = false;
  sayFault(faultOf(code), done ? "" : body.error);
  if (done) {
    clear();
    taken(code, body, changed);
  }
  button.focus();
}

/** Files may be dropped anywhere on a question that takes some; anywhere else they do nothing. */
function startDropping(queue) {
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const target = (event) => event.target.closest?.("[data-question]:has([data-attach])");
  const mark = (over) => document.querySelectorAll(".files-field").forEach((each) => each.classList.toggle("drop-here", each === over));
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const over = target(event);
    event.dataTransfer.dropEffect = over ? "copy" : "none";
    mark(over);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(null));
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // a file beside the mark would take the page away
    mark(null);
    const over = target(event);
    if (over) enqueue(queue, over.dataset.question, [...event.dataTransfer.files], {});
  });
}

/** What would stay behind if the person went on now: chosen and not attached, or still on its way. Null: nothing. */
function leftBehind(queue) {
  const isChosen = (own) => ["file", "photo", "url", "sent"].some((name) => own.elements.namedItem(name)?.value);
  const chosen = [...document.querySelectorAll("[data-attach-form]")].find(isChosen);
  const code = chosen?.elements.namedItem("field").value ?? queue.rows.find((row) => row.state !== "refused" && questionOf(row.field))?.field;
  if (!code) return null;
  const go = () => {
    const place = chosen ? boxOf(code) : questionOf(code).querySelector("[data-on-the-way]");
    if (chosen) place.open = true;
    const button = place.querySelector(chosen ? "button" : "button:not([hidden])");
    button.scrollIntoView({ block: "center" });
    button.focus({ preventScroll: true });
  };
  return { said: chosen ? texts.notAttached : texts.onTheWay, go };
}

/** Takes over attaching and removing; `changed(state)` gets the page's new state. Answers `leftBehind`, to be asked
 * before the person goes on to sending. */
export function startEvidence(changed) {
  const queue = new UploadQueue({
    address: form.getAttribute("action").replace(/\/answers$/, ""), // a question may be called "action"
    tell: (row) => tell(row, queue),
    done(row, body) {
      takeOff(row);
      if (questionOf(row.field)) taken(row.field, body, changed);
    },
    gone: takeOff,
  });
  for (const own of document.querySelectorAll("[data-attach-form]")) {
    own.elements.namedItem("file").multiple = true;
    const original = boxOf(own.elements.namedItem("field").value).querySelector("[data-original]");
    if (original) original.closest("[hidden]").hidden = false;
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      attach(own, queue, changed);
    });
  }
  startDropping(queue);
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-remove-piece]");
    if (!button) return;
    event.preventDefault();
    const code = button.value;
    const data = new FormData(document.getElementById("remove"));
    data.set("field", code);
    const [done, body] = await post(button.getAttribute("formaction"), data);
    if (done) {
      taken(code, body, changed);
      questionOf(code).focus();
    } else sayFault(faultOf(code), body.error);
  });
  queue.restore();
  return () => leftBehind(queue);
}
