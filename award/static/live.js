// Keeps the marked regions of a page fresh while it is looked at; never replaces what somebody is typing in.
const PAUSE = 10_000;

async function refresh() {
  // Each region names the page it comes from: this one may be the answer to a form.
  const address = document.querySelector("[data-live]")?.dataset.live;
  if (document.hidden || !address) return;
  let page;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // no network just now: the next turn tries again
  }
  document.querySelectorAll("[data-live]").forEach((region) => {
    const fresh = page.getElementById(region.id);
    const inUse = region.contains(document.activeElement) || region.querySelector("details[open]");
    // Keys of forms differ each time and are no news.
    const plain = (element) => element.innerHTML.replace(/(name="(key|csrf_token)" value=")[^"]*/g, "$1");
    if (fresh && !inUse && plain(fresh) !== plain(region)) region.replaceWith(document.importNode(fresh, true));
  });
}

window.setInterval(refresh, PAUSE);
document.addEventListener("visibilitychange", refresh);
