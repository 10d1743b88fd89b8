// The queue of events: sent in batches, and again after a failure. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.events) return;

  const { choice, send, views } = askfirst;
  const TRIES = 5;
  const MOST = 15; // even with long addresses below the 64 KiB that a page may send while it is left
  const granted = () => choice.token("statistics");

  let waiting = [];
  let tries = 0;
  let timer = 0;

  const failed = ({ status }) => status === 429 || status >= 500;

  function pause({ headers }, tried) {
    const wanted = headers?.get("Retry-After") || 0; // seconds
    return 1000 * Math.max(wanted, 2 ** tried * (1 + Math.random()));
  }

  // Waits until a retry makes sense; returns false where none does.
  async function wait(answer, tried) {
    if (!failed(answer) || tried >= TRIES) return false;
    await new Promise((done) => setTimeout(done, pause(answer, tried)));
    return true;
  }

  const hold = (events) => (waiting = events.slice(-MOST));

  function take(...events) {
    hold([...waiting, ...events]);
    if (!timer && waiting[0]) flush();
  }

  // Returns true if there is a yes for the event.
  function event(fields) {
    if (!granted()) return false;
    take(views.draft(fields));
    return true;
  }

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
    const answer = await send.request("event", views.bodyOf(batch, token));
    const said = await answer.text?.();
    if (granted() !== token) return; // the events of a yes that is gone are dropped
    if (failed(answer)) return later(batch, answer);
    tries = 0;
    const over = /"(withdrawn|expired|outdated|bad_token|other_site)"/.exec(said);
    if (over) choice.reset(over[1] === "withdrawn");
  }

  function later(batch, answer) {
    hold([...batch, ...waiting]);
    if (timer) return;
    if (++tries > TRIES) empty();
    else timer = setTimeout(flush, pause(answer, tries));
  }

  document.addEventListener("askfirst:choice", () => granted() || empty());

  askfirst.events = { event, wait };
  views.noted.push = take;
  take(...views.noted.splice(0));
})();
