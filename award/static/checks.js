// Looking entries through by keyboard.
import { useKeys } from "./keys.js";

const bar = document.querySelector(".check-bar");
const jumps = [...document.querySelectorAll("[data-jump]")];
const questions = [...document.querySelectorAll("[data-question]")];
const reasons = [...document.querySelectorAll("[data-reason]")];

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
};

useKeys(acts, (event, number) => {
  const heading = document.getElementById(jumps[number - 1]?.hash.slice(1));
  if (!heading) return;
  event.preventDefault();
  goTo(heading);
});
