// The only file that touches the network; it sends no event while there is no yes for it.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.choice || askfirst.send) return;

  const PURPOSE = "statistics";
  const MOST_WAITING = 15; // with long addresses still below the 64 KiB that may outlive a page
  const LONGEST_WAIT = 6e5;
  const TRIES = 5;
  const ASK_AGAIN = ["expired", "outdated", "bad_token", "other_site"];
  const { choice } = askfirst;
  const { site } = choice.script.dataset;

  let waiting = [];
  let tries = 0;
  let timer = 0;

  const post = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      method: "POST",
      credentials,
      keepalive: true,
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ site, ...body }),
    }).catch(() => null);

  const failed = (answer) => !answer || answer.status === 429 || answer.status >= 500;

  function pause(answer, tried) {
    const wanted = answer?.headers.get("Retry-After") * 1000 || 0;
    return Math.min(Math.max(wanted, 1000 * 2 ** tried * (1 + Math.random())), LONGEST_WAIT);
  }

  async function consent(path, body, tried = TRIES) {
    const answer = await post(path, body, choice.near ? "include" : "omit");
    if (answer?.ok) return answer.json();
    if (!failed(answer) || tried >= TRIES) throw new Error("not taken");
    await new Promise((done) => setTimeout(done, pause(answer, tried)));
    return consent(path, body, tried + 1);
  }

  function eventId() {
    const text = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    return text.replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
  }

  // Gives true when there is a yes for it.
  function event(fields) {
    if (!choice.tokenFor(PURPOSE)) return false;
    waiting = [...waiting, { id: eventId(), ...fields, at: Date.now() }].slice(-MOST_WAITING);
    if (!timer) flush();
    return true;
  }

  function empty() {
    clearTimeout(timer);
    waiting = [];
    timer = tries = 0;
  }

  async function flush() {
    timer = 0;
    const token = choice.tokenFor(PURPOSE);
    if (!token) return empty();
    const batch = waiting;
    waiting = [];
    const aged = ({ at, ...fields }) => ({ ...fields, age: Math.max(0, Date.now() - at) });
    const answer = await deliver({ token, events: batch.map(aged) });
    const code = await reason(answer);
    if (choice.tokenFor(PURPOSE) !== token) return; // that yes is gone, and these go with it
    if (failed(answer)) return later(batch, answer);
    tries = 0;
    if (code === "withdrawn") choice.putBack("no");
    if (ASK_AGAIN.includes(code)) choice.putBack();
  }

  async function reason(answer) {
    if (answer?.status !== 403) return "";
    return answer.json().then(({ error }) => error.code, () => "unknown");
  }

  // Where a request does not outlive its page a beacon does, but nobody hears the answer.
  function deliver(body) {
    const stays = "keepalive" in Request.prototype || body.events[0].kind === "page_view";
    if (stays) return post("event", body);
    const sent = navigator.sendBeacon(`${choice.base}event`, JSON.stringify({ site, ...body }));
    return sent && { status: 202 };
  }

  function later(batch, answer) {
    waiting = [...batch, ...waiting].slice(-MOST_WAITING);
    if (timer) return;
    tries += 1;
    if (tries > TRIES) return empty();
    timer = setTimeout(flush, pause(answer, tries));
  }

  document.addEventListener("askfirst:choice", () => choice.tokenFor(PURPOSE) || empty());

  const wording = (path) => fetch(choice.base + path, { credentials: "omit" });
  askfirst.send = { consent, wording, event };
})();
