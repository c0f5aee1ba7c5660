// Many entries are imported in portions: how far it is stands on the page, a line that breaks is waited for, and after a
// reload it goes on. Each row has a key of its own, so that no row counts twice, however often it is asked for.

const KEPT = "import";
const AIM = 2_000; // milliseconds that a portion should take
const MOST = 100; // rows of a portion; the site takes no more
const AGAIN = 3_000; // milliseconds until another try where the site does not answer

const place = document.getElementById("under-way");
const goOn = document.getElementById("go-on");
const form = document.querySelector("form[data-import]");
const person = document.querySelector('meta[name="actor"]').content;
const said = place.querySelector("[role=status]");
const bar = place.querySelector("progress");
const fault = place.querySelector("[data-import-error]");
let running = false;

const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const rest = (time) => new Promise((done) => window.setTimeout(done, time));

function keep(fields) {
  try {
    if (fields) sessionStorage.setItem(KEPT, JSON.stringify({ person, fields }));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // more than this browser keeps: then it goes on only while this page is open
  }
}

function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT));
    if (found && found.person !== person) keep(null); // somebody else signed in here
    return found?.person === person ? found.fields : null;
  } catch {
    return null;
  }
}

function showBarrier(which) {
  for (const each of place.querySelectorAll("[data-barrier]")) each.hidden = each.dataset.barrier !== which;
}

/** The sign-in may be a new one, from another tab. */
async function freshToken() {
  const page = await (await fetch("/e/import", { headers: { Accept: "text/html" } })).text();
  return new DOMParser().parseFromString(page, "text/html").querySelector('meta[name="csrf-token"]')?.content ?? "";
}

async function portion(fields, first, most, token) {
  const body = new URLSearchParams([...fields, ["first", first], ["most", most]]);
  const headers = { Accept: "application/json", "X-CSRFToken": token, "X-Person": person };
  const answer = await fetch(place.dataset.address, { method: "POST", headers, body, signal: AbortSignal.timeout(60_000) });
  return { status: answer.status, told: await answer.json() };
}

async function run(fields) {
  if (running) return;
  running = true;
  keep(fields);
  document.querySelectorAll("form[data-import], #go-on, [data-before]").forEach((each) => (each.hidden = true));
  place.hidden = false;
  place.querySelector("tbody").replaceChildren();
  let token = document.querySelector('meta[name="csrf-token"]').content;
  let [first, most, done] = [0, 5, 0];
  while (running) {
    const began = performance.now();
    let answer;
    try {
      answer = await portion(fields, first, most, token);
      if (answer.status === 400 && answer.told.code === "csrf") {
        token = await freshToken();
        await rest(AGAIN);
        continue;
      }
    } catch {
      answer = { status: 0 };
    }
    if (answer.status === 401 || answer.status === 0 || answer.status === 429 || answer.status >= 500) {
      showBarrier(answer.status === 401 ? "signed-out" : "away");
      await rest(AGAIN);
      continue; // the same portion: what of it was stored is told once more
    }
    showBarrier("");
    if (answer.status !== 200) {
      fault.textContent = answer.told.error;
      fault.hidden = false;
      break;
    }
    const { rows, next, all } = answer.told;
    place.querySelector("tbody").insertAdjacentHTML("beforeend", rows); // made by our own template, escaped there
    done += answer.told.done;
    [bar.value, bar.max, first] = [next, all, next];
    const told = { at: next, all, done };
    said.textContent = fill(next < all ? place.dataset.going : place.dataset.done, told);
    if (next >= all) break;
    most = Math.max(1, Math.min(MOST, Math.round((most * AIM) / Math.max(200, performance.now() - began))));
  }
  bar.hidden = true;
  running = false;
  keep(null);
  place.focus();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  run([...new FormData(form)].filter(([name]) => name !== "csrf_token"));
});
window.addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
goOn.querySelector("[data-go-on]").addEventListener("click", () => run(kept()));
goOn.querySelector("[data-forget]").addEventListener("click", () => {
  keep(null);
  goOn.hidden = true;
});
goOn.hidden = kept() === null;
