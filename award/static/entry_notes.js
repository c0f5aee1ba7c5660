// Notes to colleagues: left and taken away without leaving the page. What was typed stays until the server has it.

import { refresh } from "./entry_live.js";

async function post(address, data) {
  const headers = { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
  try {
    const answer = await fetch(address, { method: "POST", body: data, headers });
    return [answer.ok, await answer.json()];
  } catch {
    return [false, { error: document.getElementById("answers").dataset.noteOffline }];
  }
}

function sayFault(section, said) {
  const line = document.querySelector(`[data-note-error="${CSS.escape(section)}"]`);
  line.textContent = said;
  line.hidden = said === "";
}

/** Takes over the forms of the notes. */
export function startNotes() {
  for (const own of document.querySelectorAll("[data-note-form]")) {
    own.addEventListener("submit", async (event) => {
      event.preventDefault();
      const section = own.elements.namedItem("section").value;
      const [done, body] = await post(own.action, new FormData(own));
      sayFault(section, done ? "" : body.error);
      if (!done) return;
      own.elements.namedItem("text").value = "";
      own.elements.namedItem("key").value = body.key;
      await refresh().catch(() => {});
    });
  }
  document.getElementById("answers").addEventListener("click", async (event) => {
    const button = event.target.closest("[data-remove-note]");
    if (!button) return;
    event.preventDefault();
    const section = button.closest("section").id.slice(2);
    const [done, body] = await post(button.getAttribute("formaction"), new FormData(document.getElementById("remove-note")));
    sayFault(section, done ? "" : body.error);
    if (done) await refresh().catch(() => {});
    document.getElementById(`n-${section}`)?.focus();
  });
}
