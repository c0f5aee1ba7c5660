// Whether the site answers and still knows the person, asked before a form is sent.

const LONGEST = 20_000; // milliseconds until an answer that does not come counts as none

/** "" when the form may be sent, else which of its messages says why not. */
export async function barrierTo(address) {
  try {
    const answer = await fetch(address, {
      method: "HEAD",
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(LONGEST),
    });
    if (answer.status === 401) return "signed-out";
    return answer.status >= 500 ? "away" : "";
  } catch {
    return "away";
  }
}
