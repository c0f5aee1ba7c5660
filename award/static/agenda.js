// Moves a slot in time by its handle: dragged, or with Alt and the arrows, five minutes at a time. What it proposes goes
// into the slot's form, where the reason is written; only that form saves, and without this code it does so alone.
const STEP = 5; // minutes
const PIXELS = 8; // that a step takes when dragged
const told = document.getElementById("told");
const minutesOf = (text) => {
  const [hour, minute] = text.split(".").map(Number);
  return hour * 60 + minute;
};
const written = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}.${String(minutes % 60).padStart(2, "0")}`;
const shownAs = (minutes) => (document.documentElement.lang === "th" ? `${written(minutes)} น.` : written(minutes).replace(".", ":"));
const say = (text, was, now) => {
  told.textContent = text.replace("%(was)s", shownAs(was)).replace("%(now)s", now === undefined ? "" : shownAs(now));
};

for (const slot of document.querySelectorAll("[data-slot]")) {
  const handle = slot.querySelector(".agenda-handle");
  const shown = slot.querySelector("[data-shown]");
  const form = slot.querySelector("details form");
  const was = minutesOf(slot.dataset.time);
  let proposed = was;
  handle.hidden = false;

  const propose = (minutes) => {
    proposed = Math.min(24 * 60 - STEP, Math.max(0, minutes));
    const differs = proposed !== was;
    slot.classList.toggle("agenda-proposed", differs);
    shown.textContent = differs ? `${shownAs(was)} → ${shownAs(proposed)}` : shownAs(was);
    form.elements.time.value = written(proposed);
    return differs;
  };
  const stay = () => {
    propose(was);
    say(told.dataset.kept, was);
  };
  const write = () => {
    form.closest("details").open = true;
    form.elements.reason.focus();
    form.scrollIntoView({ block: "nearest" });
  };

  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -STEP, ArrowDown: STEP }[event.key];
    if (step !== undefined && event.altKey) {
      event.preventDefault();
      if (propose(proposed + step)) say(told.dataset.says, was, proposed);
      else stay();
    } else if (event.key === "Enter" && proposed !== was) {
      event.preventDefault();
      write();
    } else if (event.key === "Escape") {
      stay();
    }
  });
  handle.addEventListener("click", (event) => {
    if (event.detail === 0) write(); // by the keyboard or by a voice: there is nothing to drag with
  });

  let from = null;
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = { y: event.clientY, minutes: proposed };
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const steps = Math.round((event.clientY - from.y) / PIXELS);
    propose(from.minutes + steps * STEP);
    slot.style.transform = `translateY(${event.clientY - from.y}px)`;
  });
  const letGo = (event) => {
    if (from === null) return;
    const moved = proposed !== from.minutes;
    from = null;
    slot.style.transform = "";
    if (event.type === "pointercancel") stay();
    else if (proposed !== was) write();
    else if (!moved) write();
  };
  handle.addEventListener("pointerup", letGo);
  handle.addEventListener("pointercancel", letGo);
  form.elements.time.addEventListener("input", () => {
    if (/^\d{1,2}\.\d{2}$/.test(form.elements.time.value)) {
      const typed = minutesOf(form.elements.time.value);
      if (typed < 24 * 60) {
        proposed = typed;
        slot.classList.toggle("agenda-proposed", typed !== was);
        shown.textContent = typed === was ? shownAs(was) : `${shownAs(was)} → ${shownAs(typed)}`;
      }
    }
  });
}
