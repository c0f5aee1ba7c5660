// Every page: a refused page's summary gets the focus; signing out asks about what is still unsent, and leaves nothing.
import { device } from "./device.js";
import { forgetPages, keepPages } from "./offline.js";
import { forgetWhoItIs, noteWhoIsHere } from "./who.js";

document.querySelector(".error-summary")?.focus();
noteWhoIsHere();
keepPages();
foldMenu();
if (document.querySelector("[data-closes]")) countDown();

/** A network that breaks off before the countdown's code is here keeps it away for a while only. */
function countDown() {
  import("./deadline.js").catch((why) => {
    console.warn(why); // a fault of the code itself is not to be taken for a network
    window.setTimeout(countDown, 5_000);
  });
}

/** On a phone the menu is one line to unfold; where there is room it is never folded. */
function foldMenu() {
  const menu = document.querySelector(".site-menu");
  if (!menu) return;
  const narrow = window.matchMedia("(max-width: 40rem)");
  const fold = () => { menu.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  menu.dataset.folds = "";
}

const out = document.querySelector("form[data-sign-out]");

out?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const unsent = await device.unsent();
  if (unsent.size > 0 && !(await leaves(unsent))) return;
  await device.empty();
  await forgetPages();
  forgetWhoItIs();
  out.submit();
});

/** Shows how much would be lost, and where; resolves to whether the person signs out all the same. */
function leaves(unsent) {
  const { unsent: count, lost, stay, lose, open } = out.dataset;
  const total = [...unsent.values()].reduce((sum, each) => sum + each, 0);
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const made = (tag, text, name = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    element.className = name;
    return element;
  };
  const title = made("h2", count.replace("%(count)s", String(total)));
  title.id = "unsent-title";
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title, made("p", lost));
  for (const [address, each] of unsent) {
    const link = made("a", `${open} (${each})`);
    link.href = address.replace(/\/(marks|answers)$/, "");
    dialog.append(made("p", ""));
    dialog.lastChild.append(link);
  }
  const buttons = made("p", "", "ask-buttons");
  const staying = made("button", stay, "btn btn-primary");
  const losing = made("button", lose, "btn btn-outline-danger");
  buttons.append(staying, losing);
  dialog.append(buttons);
  document.body.append(dialog);
  return new Promise((decide) => {
    staying.addEventListener("click", () => dialog.close());
    losing.addEventListener("click", () => dialog.close("lose"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      decide(dialog.returnValue === "lose");
    });
    dialog.showModal();
  });
}
