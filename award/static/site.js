// Every page: a refused page's summary gets the focus; signing out warns about what is still unsent.
import { emptyOutbox, unsentCount } from "./saving.js";

document.querySelector(".error-summary")?.focus();

document.querySelector("form[data-sign-out]")?.addEventListener("submit", (event) => {
  const count = unsentCount();
  const thai = document.documentElement.lang === "th";
  const ask = thai
    ? `ยังมี ${count} รายการที่ยังไม่ได้ส่ง หากออกจากระบบ รายการเหล่านี้จะหายไปจากเครื่องนี้ ออกจากระบบหรือไม่`
    : `${count} changes are not sent yet. Signing out removes them from this device. Sign out?`;
  if (count > 0 && !window.confirm(ask)) event.preventDefault();
  else emptyOutbox();
});
