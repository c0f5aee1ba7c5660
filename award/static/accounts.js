// Signing in and the own account: a box that shows a password, passkeys where the browser knows them, and the form
// that goes on after one has confirmed who one is. Every page also works without this file, but for passkeys.

const thai = document.documentElement.lang === "th";

for (const field of document.querySelectorAll('input[type="password"]')) {
  const row = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  row.className = "shows";
  row.append(box, thai ? "แสดงรหัสผ่าน" : "Show the password");
  field.after(row);
  const show = () => {
    field.type = box.checked ? "text" : "password";
  };
  box.addEventListener("change", show);
  // Browsers offer to keep a password only from a field that hides it; and on the way back it is hidden again.
  field.form?.addEventListener("submit", () => {
    box.checked = false;
    show();
  });
  show();
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A credential as the JSON that the server reads; written out, since not every browser has toJSON(). */
function answerOf(credential) {
  const answer = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) answer[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer });
}

/** What the server wants asked. Null where one has to confirm first who one is. */
async function options(purpose) {
  const answer = await fetch("/passkey/options", {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    body: new URLSearchParams({ purpose }),
  });
  if (answer.status === 403) return null;
  if (!answer.ok) throw new Error(`${answer.status}`);
  const asked = await answer.json();
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const each of [...(asked.excludeCredentials ?? []), ...(asked.allowCredentials ?? [])]) each.id = bytes(each.id);
  return asked;
}

async function byPasskey(form) {
  const making = form.dataset.passkey === "new";
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    const publicKey = await options(making ? "new" : "use");
    if (publicKey === null) {
      window.location.assign(form.dataset.again);
      return;
    }
    const ask = making ? "create" : "get";
    form.elements.passkey.value = answerOf(await navigator.credentials[ask]({ publicKey }));
    form.submit();
  } catch {
    failed.hidden = false; // turned down, timed out, or no network: the other ways stay open
  }
}

if (window.PublicKeyCredential && window.isSecureContext && navigator.credentials) {
  document.querySelectorAll("[data-no-passkeys]").forEach((each) => { each.hidden = true; });
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      byPasskey(form);
    });
  });
}

document.querySelector("form[data-send]")?.requestSubmit?.();
