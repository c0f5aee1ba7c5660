// The score card: every change is kept and sent at once; level buttons work by thumb, by number keys, arrows and Enter.
import { isFirstVisit, Outbox } from "./saving.js";
import { askWhoItIs } from "./who.js";

const form = document.getElementById("card");
const told = document.getElementById("told");
const conflict = document.getElementById("conflict");
const thai = document.documentElement.lang === "th" ? "th" : "en";
const named = (name) => [...form.elements].filter((element) => element.name === name);
const groups = [...form.querySelectorAll("fieldset.criterion")];
document.body.classList.add("coded");
document.getElementById("next-blank").hidden = false;

function valueOf(name) {
  const [first, ...more] = named(name);
  if (first === undefined) return undefined;
  if (first.type !== "radio") return first.value;
  return [first, ...more].find((radio) => radio.checked)?.value ?? "";
}

function setValue(name, value) {
  for (const element of named(name)) {
    // Nothing marked is no radio checked, so that the keyboard finds the first level.
    if (element.type === "radio") element.checked = value !== "" && element.value === value;
    else element.value = value;
  }
  const group = named(name)[0]?.closest("fieldset.criterion");
  if (group) settle(group);
}

// What the server is known to hold, by name: the page as it was made, then every receipt.
const known = {};
for (const element of form.elements) {
  if (element.name && !["csrf_token", "key", "base_revision", "then"].includes(element.name)) known[element.name] = "";
}
const early = {}; // what was given before this code arrived
for (const name of Object.keys(known)) {
  // Not the browser's memory of an earlier visit: what the page itself says.
  const first = named(name)[0];
  const now = valueOf(name);
  known[name] = first.type === "radio" ? (named(name).find((radio) => radio.defaultChecked)?.value ?? "") : first.defaultValue;
  if (isFirstVisit() && now !== known[name]) early[name] = now;
  setValue(name, early[name] ?? known[name]);
}

const places = () => [...form.querySelectorAll("[data-place]")];
const isBlank = (place) => (valueOf(place.dataset.place) ?? "").trim() === "";

function countBlanks() {
  const count = places().filter(isBlank).length;
  const blanks = document.getElementById("blanks");
  blanks.textContent = count === 0 ? blanks.dataset.none : blanks.dataset.some.replace("%(count)s", String(count));
  document.getElementById("next-blank").disabled = count === 0;
}

// Which note the chosen mark needs is said at once; the server asks again when the card is sent.
function settle(group) {
  const { comment, from, to, suggested, path } = group.dataset;
  const mark = valueOf(path) ?? "";
  let need = "";
  if (mark !== "" && suggested !== undefined && mark !== suggested) need = "different";
  else if (mark !== "" && comment === "required") need = "required";
  else if (mark !== "" && comment === "required_at_ends" && (mark === from || mark === to)) need = "at_ends";
  group.querySelectorAll("[data-need]").forEach((line) => {
    line.hidden = line.dataset.need !== need || valueOf(`note:${path}`).trim() !== "";
  });
}

function clearError(group) {
  group.classList.remove("has-error");
  group.querySelectorAll("p.error").forEach((line) => line.remove());
  group.querySelectorAll("[aria-invalid]").forEach((element) => {
    element.removeAttribute("aria-invalid");
    element.removeAttribute("aria-describedby");
  });
}

function tellProblem(name, text) {
  const element = named(name)[0];
  const group = element?.closest("fieldset.criterion");
  if (!group) return null;
  const line = document.createElement("p");
  line.className = "error";
  line.id = `${group.id}-problem`;
  line.textContent = text;
  group.classList.add("has-error");
  (element.closest("[data-place]") ?? element.closest(".note")).prepend(line);
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", line.id);
  return group;
}

function tell(text, problems = []) {
  told.replaceChildren();
  const title = document.createElement("h2");
  title.textContent = text;
  told.append(title);
  const list = document.createElement("ul");
  for (const [group, says] of problems) {
    const link = document.createElement("a");
    link.href = `#${group.id}`;
    link.textContent = `${group.querySelector("legend").firstChild.textContent.trim()}: ${says}`;
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
  if (problems.length > 0) told.append(list);
  told.hidden = false;
  told.focus();
}

function takeReceipt(receipt) {
  document.getElementById("total").textContent = receipt.total;
  form.elements.base_revision.value = String(receipt.revision);
  told.hidden = true;
  noteUnsent();
}

function noteUnsent() {
  const note = document.getElementById("total-note");
  note.hidden = outbox.unsent === 0;
  note.textContent = form.dataset.unsaved;
}

const outbox = new Outbox({
  address: form.getAttribute("action"),
  revision: Number(form.dataset.revision),
  stored: (name) => known[name],
  onSaved(receipt, sent) {
    Object.assign(known, sent);
    // A mark in Thai digits is shown back as the number it was read as, unless more was typed meanwhile.
    for (const [name, value] of Object.entries(receipt.read ?? {})) {
      if (valueOf(name) === sent[name]) setValue(name, value);
      known[name] = value;
    }
    takeReceipt(receipt);
  },
  onRefused(answer) {
    const problems = Object.entries(answer.details?.problems ?? {}).map(([name, words]) => {
      const says = words[thai] || words.th;
      return [tellProblem(name, says), says];
    });
    tell(answer.error, problems.filter(([group]) => group));
    if (answer.id === "locked") offerToAsk();
  },
  onStale(answer) {
    settleConflict(answer.details ?? {});
  },
  onRestored(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value.trim() === known[name]) outbox.drop(name); // it had arrived; only the answer was lost
      else setValue(name, value);
    }
    if (outbox.late) offerLate();
    countBlanks();
    noteUnsent();
  },
});

// Another window or device saved in between. What only one side changed needs no question; what both changed is asked.
function settleConflict({ revision, stored }) {
  const mine = outbox.changes();
  const asked = [];
  for (const name of Object.keys(known)) {
    const there = stored ? (stored[name] ?? "") : known[name];
    const before = outbox.was(name) ?? known[name];
    if (!(name in mine)) setValue(name, there);
    else if (mine[name].trim() === there) outbox.drop(name);
    else if (there !== before) asked.push([name, mine[name], there]);
    known[name] = there;
  }
  countBlanks();
  if (asked.length === 0) {
    outbox.takeOver(revision);
    return;
  }
  outbox.hold(revision);
  const list = document.getElementById("conflict-list");
  list.replaceChildren(...asked.map((each) => conflictLine(...each)));
  conflict.hidden = false;
  conflict.focus();
}

function conflictLine(name, here, there) {
  const { mine, stored, blank, here: hereSays, there: thereSays } = conflict.dataset;
  const line = document.createElement("li");
  const group = named(name)[0].closest("fieldset.criterion");
  const link = document.createElement("a");
  link.href = `#${group.id}`;
  link.textContent = group.querySelector("legend").firstChild.textContent.trim();
  const versions = document.createElement("p");
  versions.textContent = `${hereSays} ${here || blank} · ${thereSays} ${there || blank}`;
  const choose = (label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    button.textContent = label;
    button.addEventListener("click", () => {
      act();
      line.remove();
      countBlanks();
      if (document.querySelector("#conflict-list li") === null) {
        conflict.hidden = true;
        outbox.resume();
      }
    });
    return button;
  };
  line.append(
    link,
    versions,
    choose(mine, () => outbox.rebase(name, there)),
    choose(stored, () => {
      outbox.drop(name);
      setValue(name, there);
    }),
  );
  return line;
}

// The slot was closed, or the card sent from elsewhere: what was typed is kept, and the chair can be asked.
function offerToAsk() {
  const link = document.createElement("a");
  link.className = "btn btn-primary";
  link.href = "#ask";
  link.textContent = form.dataset.askChair;
  link.addEventListener("click", () => window.setTimeout(() => window.location.reload()));
  told.append(link);
}

// The chair opened the card again: what did not arrive before is sent once the person says so.
function offerLate() {
  const box = document.getElementById("late");
  outbox.hold(outbox.revision);
  outbox.show("late");
  box.querySelector("ul").replaceChildren(
    ...Object.entries(outbox.changes()).map(([name, value]) => {
      const line = document.createElement("li");
      const label = named(name)[0]?.closest("fieldset.criterion")?.querySelector("legend").firstChild.textContent.trim();
      line.textContent = `${label ?? name}: ${value || conflict.dataset.blank}`;
      return line;
    }),
  );
  const choose = (id, act) =>
    document.getElementById(id).addEventListener("click", () => {
      act();
      box.hidden = true;
      countBlanks();
      outbox.resume();
      noteUnsent();
    });
  choose("late-send", () => outbox.inTime());
  choose("late-forget", () => {
    const names = Object.keys(outbox.changes());
    outbox.drop();
    names.forEach((name) => setValue(name, known[name] ?? ""));
  });
  box.hidden = false;
  box.focus();
}

function changed(element, wait) {
  const group = element.closest("fieldset.criterion");
  if (!element.name || !group) return;
  clearError(group);
  settle(group);
  countBlanks();
  outbox.change(element.name, valueOf(element.name), { wait });
  noteUnsent();
}

form.addEventListener("change", (event) => {
  const radio = event.target;
  if (radio.type !== "radio") return;
  changed(radio, 150);
  if (radio.value === "") {
    radio.checked = false;
    radio.closest("[data-place]").querySelector("input").focus();
  }
});
form.addEventListener("input", (event) => {
  if (event.target.type !== "radio") changed(event.target, 900);
});

// Number keys give a level, Enter goes on to the next criterion, arrows are the browser's own.
function focusOn(group) {
  const inside = [...group.querySelectorAll("input")];
  (inside.find((element) => element.checked && element.value !== "") ?? inside[0])?.focus({ preventScroll: true });
  group.scrollIntoView({ block: "start", behavior: "smooth" });
}

// With a Thai keyboard the keys of the number row type letters: which key it is counts, not what it types.
function digitOf(event) {
  const thaiDigit = "๐๑๒๓๔๕๖๗๘๙".indexOf(event.key);
  if (thaiDigit >= 0) return String(thaiDigit);
  return /^(?:Digit|Numpad)([0-9])$/.exec(event.shiftKey ? "" : event.code)?.[1] ?? (/^[0-9]$/.test(event.key) ? event.key : null);
}

form.addEventListener("keydown", (event) => {
  const group = event.target.closest("fieldset.criterion");
  const isTyping = event.target.matches("textarea, input[type=text]");
  if (!group || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Enter" && !event.target.matches("textarea, button, a, summary")) {
    event.preventDefault();
    const next = groups[groups.indexOf(group) + (event.shiftKey ? -1 : 1)];
    if (next) focusOn(next);
    else document.getElementById("to-send").focus();
    return;
  }
  const digit = isTyping ? null : digitOf(event);
  if (digit !== null) {
    const place = event.target.closest("[data-place]");
    const radio = [...(place?.querySelectorAll("input[type=radio]") ?? [])].find((each) => each.value === digit);
    if (radio) {
      event.preventDefault();
      radio.focus();
      radio.click();
    }
  }
});

document.getElementById("next-blank").addEventListener("click", () => {
  const blank = places().find(isBlank);
  if (blank) {
    focusOn(blank.closest("fieldset.criterion"));
    blank.querySelector("input")?.focus({ preventScroll: true });
  }
});

// Looking and sending waits until everything typed has its receipt.
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await outbox.flush();
  if (outbox.unsent === 0) window.location.assign(form.getAttribute("action").replace(/marks$/, "send"));
  else if (outbox.waits) tell(document.getElementById("saving").textContent);
});

// Once a day, before the first mark: is it really you?
askWhoItIs(document.getElementById("am-i"));

Object.entries(early).forEach(([name, value]) => outbox.change(name, value));
groups.forEach(settle);
countBlanks();
noteUnsent();
