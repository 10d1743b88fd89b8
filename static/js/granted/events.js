// The events that wait to be sent, and are sent again after a failure; none without a yes for it.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.events) return;

  const { choice, send, views } = askfirst;
  const TRIES = 5;
  const MOST = 15; // with long addresses still below the 64 KiB that may outlive a page
  const granted = () => choice.token("statistics");

  let waiting = [];
  let tries = 0;
  let timer = 0;

  const failed = ({ status }) => status === 429 || status >= 500;

  function pause({ headers }, tried) {
    const wanted = headers?.get("Retry-After") || 0; // seconds
    return 1000 * Math.max(wanted, 2 ** tried * (1 + Math.random()));
  }

  // Waits until it makes sense to try once more, and gives false where it makes none.
  async function rest(answer, tried) {
    if (!failed(answer) || tried >= TRIES) return false;
    await new Promise((done) => setTimeout(done, pause(answer, tried)));
    return true;
  }

  const hold = (events) => (waiting = events.slice(-MOST));

  function take(...events) {
    hold([...waiting, ...events]);
    if (!timer && waiting[0]) flush();
  }

  // Gives true when there is a yes for it.
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

  askfirst.events = { event, rest };
  views.noted.push = take;
  take(...views.noted.splice(0));
})();
