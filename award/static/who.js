// Whose device is this today? Asked once a day before the first mark, and again after somebody else used the device.
import { person } from "./device.js";

const KEY = "am-i";

function kept() {
  return JSON.parse(localStorage.getItem(KEY) ?? "{}");
}

/** Every page: somebody else is signed in, so whoever comes next is asked anew. */
export function noteWhoIsHere() {
  try {
    if (document.querySelector("form[data-sign-out]") && kept().person !== person()) localStorage.removeItem(KEY);
  } catch {
    // no storage on this device
  }
}

export function forgetWhoItIs() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // no storage on this device
  }
}

export function askWhoItIs(box) {
  if (!box) return;
  try {
    const { person: who, day } = kept();
    box.hidden = who === person() && day === box.dataset.day;
  } catch {
    box.hidden = true; // no storage on this device: asking each time would only be in the way
    return;
  }
  box.querySelector("#am-i-yes").addEventListener("click", () => {
    localStorage.setItem(KEY, JSON.stringify({ person: person(), day: box.dataset.day }));
    box.hidden = true;
  });
  box.querySelector("#am-i-no").addEventListener("click", () => {
    document.querySelector("form[data-sign-out]")?.requestSubmit();
  });
}
