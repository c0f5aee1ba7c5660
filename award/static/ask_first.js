// A page whose forms are many and come anew (the chair's): nothing is sent while the site does not answer, for a browser's
// own error page would take the place of what stands here.
import { barrierTo } from "./barrier.js";

const box = document.querySelector("[data-asks-first]");

box?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  const barrier = await barrierTo(box.dataset.asksFirst);
  delete form.dataset.asking;
  for (const message of box.querySelectorAll("[data-barrier]")) message.hidden = message.dataset.barrier !== barrier;
  if (barrier !== "") {
    box.querySelector(`[data-barrier="${barrier}"]`).focus();
    return;
  }
  if (event.submitter?.name) form.append(hidden(event.submitter.name, event.submitter.value)); // which button it was
  form.submit();
});

function hidden(name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  Object.assign(field, { name, value });
  return field;
}
