// The forms of an offline sheet are sent only when the site answers and knows the person: a browser's own error page, or
// the sign-in, would take the place of what stands here.

const LONGEST = 20_000; // milliseconds until an answer that does not come counts as none

/** "" when the form may be sent, else which of its messages says why not. */
async function barrierTo(address) {
  try {
    const answer = await fetch(address, {
      method: "HEAD",
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(LONGEST),
    });
    if (answer.status === 401) return "signed-out";
    return answer.status >= 500 ? "away" : "";
  } catch {
    return "away";
  }
}

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
