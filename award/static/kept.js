// A locked card: what was typed and did not arrive before the lock is shown, not lost; the chair can be asked.
import { forget, keptChanges, setAside } from "./saving.js";
import { askWhoItIs } from "./who.js";

const form = document.getElementById("card");
const box = document.getElementById("kept");
const ask = document.getElementById("ask");
const address = form.getAttribute("action");
let count = 0;

function lineOf([name, value]) {
  const line = document.createElement("li");
  const group = document.getElementsByName(name)[0]?.closest("fieldset.criterion");
  const label = group?.querySelector("legend").firstChild.textContent.trim() ?? name;
  line.textContent = `${label}: ${value || "–"}`;
  return line;
}

function show(changes) {
  box.querySelector("ul").append(...changes.map(lineOf));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-primary";
  button.textContent = box.dataset.forget;
  button.addEventListener("click", () => {
    forget(address);
    box.hidden = true;
    count = 0;
  });
  box.append(button);
  box.hidden = false;
  if (ask) ask.open = true;
}

const changes = Object.entries(await keptChanges(address));
if (changes.length > 0) {
  count = changes.length;
  show(changes);
  setAside(address);
}
// The form may have come anew with the chair's answer: what it tells is set when it is sent.
document.addEventListener("submit", ({ target }) => {
  const told = target.closest("#ask")?.querySelector('[name="changes"]');
  if (told) told.value = String(count);
});
if (ask && window.location.hash === "#ask") ask.open = true;
askWhoItIs(document.getElementById("am-i"));
