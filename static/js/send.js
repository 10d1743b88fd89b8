// The only file that touches the network; it sends no event while there is no yes for it.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.send) return;

  const MOST_WAITING = 15; // with long addresses still below the 64 KiB that may outlive a page
  const TRIES = 5;
  const { choice } = askfirst;
  const { site } = choice.script.dataset;
  const granted = () => choice.token("statistics");

  let waiting = [];
  let tries = 0;
  let timer = 0;

  // A text as body goes as text/plain, which no browser asks the server about beforehand.
  const request = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      method: body && "POST",
      credentials,
      keepalive: true,
      body: JSON.stringify(body),
    }).catch(() => ({ status: 500 }));

  const failed = ({ status }) => status === 429 || status >= 500;

  function pause({ headers }, tried) {
    const wanted = headers?.get("Retry-After") || 0; // seconds
    return 1000 * Math.max(wanted, 2 ** tried * (1 + Math.random()));
  }

  async function consent(path, body, tried = TRIES) {
    const answer = await request(path, { site, ...body }, choice.near ? "include" : "omit");
    if (answer.ok) return answer.json();
    if (!failed(answer) || tried >= TRIES) throw answer;
    await new Promise((done) => setTimeout(done, pause(answer, tried)));
    return consent(path, body, tried + 1);
  }

  // A random id of 110 bits, and when it happened.
  function draft(fields) {
    const random = [...crypto.getRandomValues(new Uint8Array(22))];
    const id = random.map((byte) => (byte % 32).toString(32)).join("");
    return { id, ...fields, at: Date.now() };
  }

  // What goes to the server; without a token it is an example, and nobody's.
  function bodyOf(events, token) {
    const aged = ({ at, ...fields }) => ({ ...fields, age: Math.max(Date.now() - at, 0) });
    return { site, token, events: events.map(aged) };
  }

  // Gives true when there is a yes for it.
  function event(fields) {
    if (!granted()) return false;
    hold([...waiting, draft(fields)]);
    if (!timer) flush();
    return true;
  }

  const hold = (events) => (waiting = events.slice(-MOST_WAITING));

  function empty() {
    clearTimeout(timer);
    waiting = [];
    timer = tries = 0;
  }

  async function flush() {
    const token = granted();
    const batch = waiting;
    timer = 0;
    if (!token) return empty();
    waiting = [];
    const answer = await request("event", bodyOf(batch, token));
    const said = await answer.text?.();
    if (granted() !== token) return; // that yes is gone, and these go with it
    if (failed(answer)) return later(batch, answer);
    tries = 0;
    const over = /"(withdrawn|expired|outdated|bad_token|other_site)"/.exec(said);
    if (over) choice.putBack(over[1] === "withdrawn");
  }

  function later(batch, answer) {
    hold([...batch, ...waiting]);
    if (timer) return;
    if (++tries > TRIES) empty();
    else timer = setTimeout(flush, pause(answer, tries));
  }

  document.addEventListener("askfirst:choice", () => granted() || empty());

  askfirst.send = { request, consent, draft, bodyOf, event };
})();
