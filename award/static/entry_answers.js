// The answers in the page: reading and putting the value of a question, rows of tables, faults at their places.

const form = document.getElementById("answers");

const tableOf = (code) => form.querySelector(`[data-table][data-question="${CSS.escape(code)}"]`);
const rowsOf = (table) => [...table.querySelectorAll(":scope > ol > [data-row]")];

/** The question an input belongs to: its name without a table's row and column ("@rows:CODE:0:district"). */
export const codeOf = (input) => (input?.name ?? "").split(":").slice(0, (input?.name ?? "").startsWith("@") ? 2 : 1).join(":");
const columnOf = (input) => input.name.slice(codeOf(input).length).split(":")[2];
const rowOf = (input) => Number(input.name.slice(codeOf(input).length).split(":")[1]);

const now = {
  text: (input) => input.value,
  ticked: (input) => input.checked,
};
// As the page was made, whatever was typed since.
const served = {
  text: (input) => (input.matches("select") ? ([...input.options].find((each) => each.defaultSelected)?.value ?? "") : input.defaultValue),
  ticked: (input) => input.defaultChecked,
};

function rowValue(row, as = now) {
  const value = {};
  for (const input of row.querySelectorAll("[data-answer]")) {
    const typed = input.type === "checkbox" ? (as.ticked(input) ? input.value : "") : as.text(input);
    if (typed.trim() !== "") value[columnOf(input)] = typed;
  }
  return value;
}

const isBlank = (row) => Object.keys(rowValue(row)).length === 0;

/** What the page holds for a question: text, or for a table its rows that are not blank. */
export function valueOf(code, as = now) {
  const table = tableOf(code);
  if (table) return rowsOf(table).map((row) => rowValue(row, as)).filter((row) => Object.keys(row).length > 0);
  const inputs = [...form.querySelectorAll(`[data-answer][name="${CSS.escape(code)}"]`)];
  if (inputs[0]?.type === "radio") return inputs.find(as.ticked)?.value ?? "";
  return inputs[0] ? as.text(inputs[0]) : "";
}

/** The value that a question had when the page was made. */
export const servedValueOf = (code) => valueOf(code, served);

/** Puts a value into the page. */
export function putValue(code, value) {
  const table = tableOf(code);
  if (table) {
    keepingPlace(table, () => {
      rowsOf(table).forEach((row) => row.remove());
      for (const cells of value.length > 0 ? value : [{}]) fillRow(addRow(table), cells);
    });
    return;
  }
  for (const input of form.querySelectorAll(`[data-answer][name="${CSS.escape(code)}"]`)) {
    if (input.type === "radio") input.checked = input.value === value;
    else input.value = asTyped(input, value);
  }
}

/** The column that names the rows of a table; "" where a question is none. */
export function keyOf(code) {
  const first = tableOf(code)?.querySelector("template").content.querySelector("[data-answer]");
  return first ? columnOf(first) : "";
}

/** Stored rows as the page shows them: days as people type them. */
export function asShown(code, rows) {
  const inputs = [...tableOf(code).querySelector("template").content.querySelectorAll("[data-answer]")];
  const of = Object.fromEntries(inputs.map((input) => [columnOf(input), input]));
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asTyped(of[column], value)])));
}

/** Rows made anew under somebody who writes in one of them: the same cell has the focus again, the caret where it was. */
function keepingPlace(table, change) {
  const input = document.activeElement?.closest("[data-answer]");
  const row = table.contains(input) ? input.closest("[data-row]") : null;
  const [at, name] = row ? [rowsOf(table).indexOf(row), row.querySelector("[data-answer]").value] : [];
  const [column, caret] = row ? [columnOf(input), input.selectionStart] : [];
  change();
  if (!row) return;
  const rows = rowsOf(table);
  const here = rows.find((each) => name !== "" && each.querySelector("[data-answer]").value === name) ?? rows[at] ?? rows.at(-1);
  const cell = [...here.querySelectorAll("[data-answer]")].find((each) => columnOf(each) === column);
  cell?.focus({ preventScroll: true });
  if (cell?.setSelectionRange && caret !== null && cell.type !== "checkbox") cell.setSelectionRange(caret, caret);
}

/** A day as it is stored (2021-07-19), as people type it: 19/7/2564. */
function asTyped(input, value) {
  const day = input.matches(".day") ? /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) : null;
  return day ? `${Number(day[3])}/${Number(day[2])}/${Number(day[1]) + 543}` : value;
}

function fillRow(row, cells) {
  for (const input of row.querySelectorAll("[data-answer]")) {
    const value = cells[columnOf(input)] ?? "";
    if (input.type === "checkbox") input.checked = value === input.value;
    else input.value = asTyped(input, value);
  }
}

/** Every question of the page, by code. */
export const allCodes = () => [...new Set([...form.querySelectorAll("[data-answer]")].map(codeOf))];

/** Adds a blank row to a table and returns it. */
function addRow(table) {
  const used = rowsOf(table).map((row) => rowOf(row.querySelector("[data-answer]")));
  const number = String(Math.max(-1, ...used) + 1);
  const row = table.querySelector("template").content.firstElementChild.cloneNode(true);
  for (const each of row.querySelectorAll("*")) {
    for (const name of ["id", "for", "name", "aria-describedby", "data-error"]) {
      const text = each.getAttribute(name);
      if (text) each.setAttribute(name, text.replaceAll("-ROW-", `-${number}-`).replace(":ROW:", `:${number}:`));
    }
  }
  table.querySelector("ol").append(row);
  showRows(table);
  return row;
}

function showRows(table) {
  const rows = rowsOf(table);
  rows.forEach((row, index) => {
    row.querySelector("[data-row-number]").textContent = form.dataset.rowName.replace("{n}", String(index + 1));
    row.querySelector("[data-remove-row]").hidden = false;
  });
  const add = table.querySelector("[data-add-row]");
  add.hidden = rows.length >= Number(table.dataset.maxRows ?? Infinity);
}

/** Lets tables grow and shrink; `changed(code)` is told when a row goes. */
export function startTables(changed) {
  for (const table of form.querySelectorAll("[data-table]")) {
    showRows(table);
    table.querySelector("[data-add-row]").addEventListener("click", () => {
      addRow(table).querySelector("[data-answer]").focus();
    });
    table.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove-row]");
      if (!button) return;
      const rows = rowsOf(table);
      const row = button.closest("[data-row]");
      const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1] ?? addRow(table);
      row.remove();
      showRows(table);
      next.querySelector("[data-answer]").focus();
      changed(table.dataset.question);
    });
  }
}

/** The places of all faults: as the server names them (rows counted without blank ones) to the element that says them. */
function faultPlaces() {
  const places = new Map();
  for (const element of form.querySelectorAll("[data-error]")) places.set(element.dataset.error, element);
  for (const table of form.querySelectorAll("[data-table]")) {
    const start = `f-${table.dataset.question}-`;
    const cells = [...table.querySelectorAll("[data-row] [data-error]")];
    cells.forEach((element) => places.delete(element.dataset.error));
    rowsOf(table).filter((row) => !isBlank(row)).forEach((row, index) => {
      for (const element of row.querySelectorAll("[data-error]")) {
        const column = element.dataset.error.slice(start.length).replace(/^\d+-/, "");
        places.set(`${start}${index}-${column}`, element);
      }
    });
  }
  return places;
}

/** Says each fault above its input and takes away those that are mended. `wrong`: place -> sentence. */
export function showFaults(wrong) {
  for (const element of form.querySelectorAll("[data-error]")) sayFault(element, "");
  const places = faultPlaces();
  for (const [place, said] of Object.entries(wrong)) {
    const element = places.get(place);
    if (element) sayFault(element, said);
  }
}

/** Says one fault at an element made for it; "" takes it away. */
export function sayFault(element, said) {
  element.hidden = said === "";
  if (element.textContent !== said) element.textContent = said;
  const field = element.closest(".field");
  field?.classList.toggle("has-error", said !== "");
  const input = document.getElementById(element.dataset.error);
  if (input?.matches("input, textarea, select")) input.setAttribute("aria-invalid", String(said !== ""));
}

/** The id of a question's element: who stands for the entry is none of the rules' own. */
export const placeOf = (code) => (code === "@label" ? "f-label" : `f-${code}`);

/** The same at a whole question; whether the page has it. */
export function sayFaultOf(code, said) {
  const element = form.querySelector(`[data-error="${CSS.escape(placeOf(code))}"]`);
  if (element) sayFault(element, said);
  return element !== null;
}

/** Brings the person to a place of the checklist. */
export function jumpTo(place) {
  const element = faultPlaces().get(place);
  const target = document.getElementById(element?.dataset.error ?? place) ?? element;
  if (!target) return;
  target.scrollIntoView({ block: "center" });
  (target.matches("fieldset") ? target.querySelector("[data-answer], button") : target)?.focus({ preventScroll: true });
}
