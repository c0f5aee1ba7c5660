// The list of entries to be looked through, by keyboard: up and down in it, into one, from page to page.
import { useKeys } from "./keys.js";

const names = [...document.querySelectorAll(".check-name")];

// The entry one is at: the one with the focus, else the place before the first.
function step(by) {
  const at = names.indexOf(document.activeElement) + by;
  const next = names[Math.max(0, Math.min(at, names.length - 1))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

useKeys({
  j: () => step(1),
  k: () => step(-1),
  o: () => (names.includes(document.activeElement) ? document.activeElement : names[0])?.click(),
  n: () => document.querySelector(".pages [rel=next]")?.click(),
  p: () => document.querySelector(".pages [rel=prev]")?.click(),
});
