// Two people changed one question, or one row of a table: both versions at the question, and the person chooses.

import { asShown, putValue, valueOf } from "./entry_answers.js";
import { bothRows, takeRow } from "./entry_merging.js";

const form = document.getElementById("answers");
const cells = (row) => Object.values(row).filter((each) => each !== "yes").join(" · ");

/**
 * Asks about each of `disputed` ([code, row of a table or null]); nothing is sent until the last is chosen.
 *   known         what is stored now, by code
 *   show, changed of the page: puts a value without it being a change, and as one
 *   done()        all were chosen
 */
export function askAbout(disputed, { outbox, known, show, changed, done }) {
  const open = disputed.map(([code]) => code);
  const settle = (code) => {
    open.splice(open.indexOf(code), 1);
    if (!open.includes(code)) outbox.rebase(code, known[code]);
    if (open.length > 0) return;
    done();
    outbox.resume();
  };
  for (const [code, row] of disputed) {
    const keep = [form.dataset.useMine, () => {}];
    const put = (value) => () => {
      putValue(code, value());
      changed(code);
    };
    if (row) {
      const take = put(() => takeRow(valueOf(code), row));
      box(code, titleOf(row), row.theirs ? cells(row.theirs) : form.dataset.rowGone, [[form.dataset.useOther, take], keep], settle);
      continue;
    }
    const stored = known[code];
    const take = () => {
      outbox.drop(code);
      show(code, stored);
    };
    const both = bothOf(code, stored, outbox.was(code));
    const choices = [[form.dataset.useOther, take], keep, ...(both ? [[form.dataset.useBoth, put(() => both)]] : [])];
    box(code, form.dataset.other, Array.isArray(stored) ? stored.map(cells).join("\n") : stored, choices, settle);
  }
  if (!form.contains(document.activeElement)) form.querySelector("[data-dispute] button").focus();
}

/** What a box about one row is headed by: the row's name, or its number. */
function titleOf({ name }) {
  return `${form.dataset.otherRow} ${/^[0-9]+$/.test(name) ? name : `“${name}”`}`;
}

function box(code, title, theirs, choices, settle) {
  const whole = document.createElement("div");
  whole.className = "other";
  whole.dataset.dispute = code;
  const head = document.createElement("strong");
  head.textContent = title;
  const text = document.createElement("p");
  text.className = "as-written";
  text.textContent = theirs || form.dataset.blank;
  whole.append(head, text);
  for (const [said, act] of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    button.textContent = said;
    button.addEventListener("click", () => {
      whole.remove();
      act();
      settle(code);
    });
    whole.append(button, " ");
  }
  form.querySelector(`[data-question="${CSS.escape(code)}"]`).prepend(whole);
}

/** Rows of both people, or one text below the other, where a question takes that; null where it does not. */
function bothOf(code, theirs, was) {
  const place = form.querySelector(`[data-question="${CSS.escape(code)}"]`);
  const mine = valueOf(code);
  if (Array.isArray(theirs) && Array.isArray(mine)) {
    const both = bothRows(asShown(code, was || []), asShown(code, theirs), mine);
    return both.length > Number(place.dataset.maxRows ?? Infinity) ? null : both;
  }
  return theirs && mine && place.querySelector("textarea[data-answer]") ? `${theirs}\n\n${mine}` : null;
}
