// One button that ticks every province of the page, or none again; the bar at the foot says how many are ticked.
const boxes = [...document.querySelectorAll('input[name="province"]')];

function tellTicked() {
  const count = boxes.filter((box) => box.checked).length;
  const line = document.querySelector("[data-ticked]");
  if (line) line.textContent = count === 0 ? line.dataset.none : line.dataset.some.replace("{n}", String(count));
}

for (const button of document.querySelectorAll("[data-tick-all]")) {
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    tellTicked();
  });
}
for (const box of boxes) box.addEventListener("change", tellTicked);
document.querySelector("[data-to-acts]")?.addEventListener("click", (event) => {
  event.preventDefault(); // following the link would take the focus away again
  document.getElementById("with-ticked").scrollIntoView();
  document.getElementById("person").focus({ preventScroll: true });
});
window.addEventListener("pageshow", tellTicked); // a browser may tick again what was ticked before
tellTicked();
