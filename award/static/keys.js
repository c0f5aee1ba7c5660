// Single letters as keys of a page: never while a person types, and off where they are unwanted.
const REMEMBERED = "check-keys";

// Ties `acts` (letter -> what it does) to the page and to its dialog that lists them; `digit` is given 1 to 9.
export function useKeys(acts, digit = () => {}) {
  const dialog = document.getElementById("keys");
  const opener = document.getElementById("keys-open");
  const isOn = document.getElementById("keys-on");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  document.getElementById("keys-close").addEventListener("click", () => dialog.close());
  try {
    isOn.checked = localStorage.getItem(REMEMBERED) !== "off";
  } catch {
    // A browser that keeps nothing: the keys are on at every visit.
  }
  isOn.addEventListener("change", () => {
    try {
      localStorage.setItem(REMEMBERED, isOn.checked ? "on" : "off");
    } catch {
      // As above.
    }
  });
  const known = { ...acts, "?": () => dialog.showModal() };
  document.addEventListener("keydown", (event) => {
    // A closed dialog holds the focus until the next frame: whoever closed it and goes on at once is not typing in it.
    const at = dialog.contains(event.target) && !dialog.open ? document.body : event.target;
    const isTyping = at.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && isTyping && !dialog.open) {
      isTyping.closest("[data-question]")?.focus();
      isTyping.blur();
      return;
    }
    if (!isOn.checked || isTyping || dialog.open || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const key = pressed(event);
    if (/^[1-9]$/.test(key)) {
      digit(event, Number(key));
    } else if (Object.hasOwn(known, key)) {
      event.preventDefault();
      known[key]();
    }
  });
}

// The letter on the key, or where the keyboard writes Thai, the letter that the key has beside the Thai one.
function pressed(event) {
  if (/^[a-z1-9?]$/i.test(event.key)) return event.key.toLowerCase();
  if (event.code === "Slash" && event.shiftKey) return "?";
  return event.shiftKey ? "" : event.code.replace(/^(Key|Digit)/, "").toLowerCase();
}
