// Buttons that copy a text of the page. Without this code the text is there to be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = button.dataset.done;
      // Who copied it and when is noted; where the line is away, the button beside it notes it later.
      const note = button.dataset.note && document.getElementById(button.dataset.note);
      if (note) note.requestSubmit();
    } catch {
      text.focus();
      text.select();
    }
  });
}
