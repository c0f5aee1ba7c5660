// The forms of an offline sheet are sent only when the site answers and knows the person: a browser's own error page, or
// the sign-in, would take the place of what stands here.

import { barrierTo } from "./barrier.js";

for (const form of document.querySelectorAll("form[data-ask-first]")) {
  let asking = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (asking) return;
    asking = true;
    const barrier = await barrierTo(form.dataset.askFirst);
    asking = false;
    for (const message of form.querySelectorAll("[data-barrier]")) message.hidden = message.dataset.barrier !== barrier;
    if (barrier === "") form.submit();
    else form.querySelector(`[data-barrier="${barrier}"]`).focus();
  });
}
