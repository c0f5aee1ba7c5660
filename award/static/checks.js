// Looking entries through by keyboard: single letters, never while a person types, and off where they are unwanted.
const bar = document.querySelector(".check-bar");
const dialog = document.getElementById("keys");
const opener = document.getElementById("keys-open");
const isOn = document.getElementById("keys-on");
const jumps = [...document.querySelectorAll("[data-jump]")];
const questions = [...document.querySelectorAll("[data-question]")];
const reasons = [...document.querySelectorAll("[data-reason]")];
const REMEMBERED = "check-keys";

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
document.getElementById("keys-close").addEventListener("click", () => dialog.close());
try {
  isOn.checked = localStorage.getItem(REMEMBERED) !== "off";
} catch {
  // A browser that keeps nothing: the keys are on at every visit.
}
isOn.addEventListener("change", () => {
  try {
    localStorage.setItem(REMEMBERED, isOn.checked ? "on" : "off");
  } catch {
    // As above.
  }
});

function tellChosen() {
  const count = reasons.filter((box) => box.value.trim() !== "").length;
  const line = document.querySelector("[data-chosen]");
  if (line) line.textContent = count === 0 ? line.dataset.none : line.dataset.some.replace("{n}", String(count));
  const badge = document.querySelector("[data-count]");
  if (badge) {
    badge.hidden = count === 0;
    badge.textContent = String(count);
  }
}
for (const box of reasons) box.addEventListener("input", tellChosen);

// Reasons that were written and not sent: nobody leaves them behind with one letter.
let isSending = false;
document.getElementById("return")?.addEventListener("submit", () => (isSending = true));
window.addEventListener("beforeunload", (event) => {
  if (!isSending && reasons.some((box) => box.value.trim() !== "")) event.preventDefault();
});
window.addEventListener("pageshow", () => (isSending = false));
tellChosen();

// The question one is at: the one with the focus, the first of a part whose heading has it, else the first that is seen.
function here() {
  const held = document.activeElement?.closest("[data-question]");
  if (held) return held;
  const part = document.activeElement?.closest(".check-section h2");
  if (part) return part.parentElement.querySelector("[data-question]");
  return questions.find((each) => each.getBoundingClientRect().bottom > 80) ?? questions[0];
}

function goTo(element) {
  if (!element) return;
  element.scrollIntoView({ block: "start" });
  element.focus({ preventScroll: true });
}

function step(by) {
  const held = document.activeElement?.closest("[data-question]");
  const at = held ? questions.indexOf(held) + by : questions.indexOf(here());
  goTo(questions[Math.max(0, Math.min(at, questions.length - 1))]);
}

function giveBack() {
  const box = here()?.querySelector("[data-reason]");
  if (!box) return;
  box.closest("details").open = true;
  box.focus();
}

// The pictures of the evidence in the part one is at: all of them open, or all closed.
function look() {
  const pictures = [...(here()?.closest(".check-part")?.querySelectorAll("details.preview") ?? [])];
  const open = pictures.some((each) => !each.open);
  for (const each of pictures) each.open = open;
}

const acts = {
  j: () => document.getElementById("go-on")?.click(),
  k: () => document.getElementById("go-back")?.click(),
  n: () => step(1),
  p: () => step(-1),
  v: look,
  r: giveBack,
  d: () => document.getElementById("day")?.focus(),
  a: () => bar.querySelector("button[form=accept]")?.click(),
  "?": () => dialog.showModal(),
};
// The letter on the key, or where the keyboard writes Thai, the letter that the key has beside the Thai one.
function pressed(event) {
  if (/^[a-z1-9?]$/i.test(event.key)) return event.key.toLowerCase();
  if (event.code === "Slash" && event.shiftKey) return "?";
  return event.shiftKey ? "" : event.code.replace(/^(Key|Digit)/, "").toLowerCase();
}

document.addEventListener("keydown", (event) => {
  // A closed dialog holds the focus until the next frame: whoever closed it and goes on at once is not typing in it.
  const at = dialog.contains(event.target) && !dialog.open ? document.body : event.target;
  const isTyping = at.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape" && isTyping && !dialog.open) {
    isTyping.closest("[data-question]")?.focus();
    isTyping.blur();
    return;
  }
  if (!isOn.checked || isTyping || dialog.open || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const key = pressed(event);
  if (/^[1-9]$/.test(key)) {
    const heading = document.getElementById(jumps[Number(key) - 1]?.hash.slice(1));
    if (heading) {
      event.preventDefault();
      goTo(heading);
    }
  } else if (Object.hasOwn(acts, key)) {
    event.preventDefault();
    acts[key]();
  }
});
