// A locked card: what was typed and did not arrive before the lock is shown, not lost.
import { forget, keptChanges } from "./saving.js";

const form = document.getElementById("card");
const box = document.getElementById("kept");
const address = form.getAttribute("action");
const changes = Object.entries(keptChanges(address));

for (const [name, value] of changes) {
  const line = document.createElement("li");
  const group = document.getElementsByName(name)[0]?.closest("fieldset.criterion");
  const label = group?.querySelector("legend").firstChild.textContent.trim() ?? name;
  line.textContent = `${label}: ${value || "–"}`;
  box.querySelector("ul").append(line);
}
if (changes.length > 0) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-primary";
  button.textContent = box.dataset.forget;
  button.addEventListener("click", () => {
    forget(address);
    box.hidden = true;
  });
  box.append(button);
  box.hidden = false;
}
