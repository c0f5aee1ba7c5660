// Keeps the board of all zones fresh: asks every three seconds whether anything changed, and only then for the page.
const PAUSE = 3_000;
const SLOWEST = 30_000;
const news = document.getElementById("news");
const words = document.querySelector("html").lang;
let version = news.dataset.version;
let ahead = 0; // the site's clock minus the device's, in milliseconds
let failures = 0;
let since = null; // when the last news came, by the site's clock

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Asia/Bangkok" });
const here = () => Date.now() + ahead;
const told = (at) => (words === "th" ? `${clock.format(at).replace(/:/g, ".")} น.` : clock.format(at));

function keepTime(answer) {
  const theirs = Number(answer.headers.get("X-Now"));
  if (theirs) ahead = theirs - Date.now();
  since = here();
  news.querySelector(".news-time").textContent = told(since);
  say("");
}

function say(text) {
  const trouble = news.querySelector(".news-trouble");
  if (trouble.textContent !== text) trouble.textContent = text;
  news.classList.toggle("is-away", text !== "");
}

async function ask() {
  const address = news.dataset.live;
  const answer = await fetch(address, {
    cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(10_000),
    headers: { Accept: "application/json", "If-None-Match": `"${version}"` },
  });
  if (answer.status === 401 || answer.status === 403) {
    say(news.dataset.signedOut);
    failures += 1;
    return;
  }
  if (answer.status !== 304 && !answer.ok) throw new Error(`${answer.status}`);
  if (answer.status === 200) {
    const fresh = (await answer.json()).version;
    await show();
    version = fresh;
  }
  keepTime(answer);
  failures = 0;
}

async function show() {
  const answer = await fetch(window.location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error("no page");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const board = document.getElementById("board");
  const fresh = page.getElementById("board");
  // Whoever goes through the board by keyboard stays where they are.
  const focused = board.contains(document.activeElement) ? document.activeElement : null;
  const link = focused?.getAttribute("href");
  board.replaceWith(document.importNode(fresh, true));
  if (focused) {
    const again = focused.id ? document.getElementById(focused.id) : link && document.querySelector(`#board a[href="${CSS.escape(link)}"]`);
    again?.focus({ preventScroll: true });
  }
  // A new day: the title says which.
  document.querySelector("h1")?.replaceWith(document.importNode(page.querySelector("h1"), true));
  count();
}

function count() {
  document.querySelectorAll("[data-ends]").forEach((place) => {
    const left = Math.round((Number(place.dataset.ends) - here()) / 1000);
    const whole = Math.abs(left);
    const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    place.textContent = left < 0 ? `+${text} ${place.dataset.over}` : text;
    place.classList.toggle("is-over", left < 0);
  });
}

async function turn() {
  if (!document.hidden) {
    try {
      await ask();
    } catch {
      failures += 1;
      if (failures > 1) say(news.dataset.away.replace("%(at)s", told(since ?? here()))); // one lost answer is no news
    }
  }
  const pause = Math.min(SLOWEST, PAUSE * 2 ** Math.min(failures, 4));
  window.setTimeout(turn, pause * (0.9 + Math.random() * 0.2));
}

// A screen on a wall does not fall asleep, where the browser can hold it awake.
async function stayAwake() {
  if (!document.body.classList.contains("wall") || document.hidden) return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // not allowed here or the battery is low: the screen keeps its own habits
  }
}

document.addEventListener("visibilitychange", stayAwake);
window.addEventListener("online", () => { failures = 0; });
stayAwake();
turn();
window.setInterval(count, 1000);
