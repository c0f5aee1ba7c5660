// Files and links beside a question: sent without leaving the page, with what went wrong said at the question.

import { sayFault } from "./entry_answers.js";

const form = document.getElementById("answers");
const MB = 1024 * 1024;

async function post(address, data) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers });
    return [answer.ok, await answer.json()];
  } catch {
    return [false, { error: form.dataset.offline }];
  }
}

const questionOf = (code) => document.getElementById(`f-${code}`);
const faultOf = (code) => questionOf(code).querySelector(`[data-error="f-${CSS.escape(code)}"]`);

function taken(code, body, changed) {
  questionOf(code).querySelector("[data-pieces]").innerHTML = body.pieces; // made by our own template, escaped there
  changed(body);
}

async function attach(own, changed) {
  const code = own.elements.namedItem("field").value;
  const box = questionOf(code).querySelector("[data-attach]");
  const [file, url, title] = ["file", "url", "title"].map((name) => own.elements.namedItem(name));
  const files = [...file.files];
  const most = Number(box.dataset.maxMb);
  if (files.length === 0 && url.value.trim() === "") return sayFault(faultOf(code), form.dataset.choose);
  if (files.some((each) => each.size > most * MB)) return sayFault(faultOf(code), form.dataset.tooLarge.replace("{n}", String(most)));
  const button = box.querySelector("button");
  const said = button.textContent;
  button.disabled = true;
  button.textContent = form.dataset.attaching;
  for (const each of files.length > 0 ? files : [null]) {
    const data = new FormData(own);
    if (each) data.set("file", each);
    const [done, body] = await post(own.action, data);
    if (!done) {
      sayFault(faultOf(code), files.length > 1 ? `${each.name}: ${body.error}` : body.error); // which of them
      break;
    }
    taken(code, body, changed);
    [file, url, title].forEach((input) => (input.value = ""));
    sayFault(faultOf(code), "");
  }
  button.disabled = false;
  button.textContent = said;
  button.focus();
}

/** Takes over attaching and removing; `changed(state)` gets the page's new state. */
export function startEvidence(changed) {
  for (const own of document.querySelectorAll("[data-attach-form]")) {
    own.elements.namedItem("file").multiple = true;
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      attach(own, changed);
    });
  }
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
}
