// The rehearsal is over: what was practised and did not arrive in time is of no use, and is not offered again.
import { forget, keptChanges } from "./saving.js";

for (const { dataset } of document.querySelectorAll("[data-practised]")) {
  await keptChanges(dataset.practised); // what this device holds is read first
  forget(dataset.practised);
}
