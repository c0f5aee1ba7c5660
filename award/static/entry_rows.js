// Rows by district: what they add up to as one types, and by how much that differs from what is stated.

import { valueOf } from "./entry_answers.js";
import { addNumbers, differenceText, numberText } from "./entry_numbers.js";

const form = document.getElementById("answers");

/** Works out the sums of every table of rows that a question belongs to: as its rows, or as the stated number. */
export function sumUp(code) {
  for (const table of form.querySelectorAll("[data-rows]")) {
    const stated = [...table.querySelectorAll("[data-stated]")].map((cell) => cell.dataset.stated);
    if (code === table.dataset.question || stated.includes(code)) sumTable(table);
  }
}

function sumTable(table) {
  const rows = valueOf(table.dataset.question); // blank ones are none
  let differs = false;
  const stated = [...table.querySelectorAll("[data-stated]")];
  [...table.querySelectorAll("[data-total]")].forEach((cell, place) => {
    const whole = valueOf(stated[place].dataset.stated);
    const total = rows.length > 0 ? addNumbers(rows.map((row) => row[cell.dataset.total] ?? "")) : null;
    const difference = total === null ? null : differenceText(total, whole);
    const shown = table.querySelector(`[data-difference="${CSS.escape(cell.dataset.total)}"]`);
    cell.textContent = total === null ? "–" : numberText(total);
    stated[place].textContent = numberText(addNumbers([whole])) || "–";
    shown.textContent = difference ?? "–";
    const wrong = difference !== null && difference !== "0";
    shown.classList.toggle("differs", wrong);
    differs ||= wrong;
  });
  const why = table.closest("[data-beside]").querySelector("[data-why]");
  const said = why.querySelector("[data-answer]").value.trim() !== "";
  why.toggleAttribute("data-settled", !differs && !said);
}
