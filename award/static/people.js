// The page with a link to hand over: a button that copies it. Without this code the link is there to be selected.
const button = document.querySelector("[data-copy]");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = button.dataset.done;
    } catch {
      text.focus();
      text.select();
    }
  });
}
