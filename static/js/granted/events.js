// The queue of events: sent in batches, again after a failure, when the page is left, and by the next page.
// Loads after a yes, without which it neither sends nor keeps anything.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.events) return;

  const { choice, send, views } = askfirst;
  const name = `askfirst_${choice.script.dataset.site}`; // `choice.js` erases it where there is no yes
  const TRIES = 5;
  const MOMENT = 500; // milliseconds: events of one moment go together, and a new page sets its title
  const DAY = 864e5; // milliseconds, after which the server takes no event
  const MOST = 50; // what the server takes at once
  const LONGEST = 2e4; // characters, of at most three bytes: a page may send 64 KiB while it is left
  const granted = () => choice.token("statistics");

  let waiting = []; // events that the server has not confirmed
  let untold; // the newest view, while its page may still change what it says of itself
  let first = true; // whether that is the first view of the load
  let busy = false; // while an answer is awaited
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

  // Returns the newest events that one request may hold.
  function fitting(events) {
    const young = events.filter((one) => one?.at > Date.now() - DAY).slice(-MOST);
    while (JSON.stringify(young).length > LONGEST) young.shift();
    return young;
  }

  // The consent that allows the events: what was kept under another is not sent.
  const ground = () => choice.claims(granted())?.c;

  // Returns what this page or others of the site have kept.
  function kept() {
    try {
      const [consent, ...events] = JSON.parse(localStorage[name]);
      if (consent === ground()) return fitting(events);
    } catch {}
    return [];
  }

  // Keeps what waits, beside what other tabs have kept, and nothing that is done.
  function keep(done) {
    const known = [...done, ...waiting].map(({ id }) => id);
    const all = fitting([...kept().filter(({ id }) => !known.includes(id)), ...waiting]);
    try {
      delete localStorage[name];
      if (all[0]) localStorage[name] = JSON.stringify([ground(), ...all]);
    } catch {}
  }

  function flushIn(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(flush, milliseconds);
  }

  // Completes the newest view with what its page says by now.
  function tell() {
    if (untold) Object.assign(untold, askfirst.page.about(untold.url, first));
    if (untold) first = untold = 0;
  }

  // Takes an event with its id and time. A view waits for a moment of its own.
  function push(event) {
    const isView = event.kind === "page_view";
    if (isView) {
      tell();
      untold = event;
    }
    waiting = fitting([...waiting, event]);
    if (!tries && (isView || !timer)) flushIn(MOMENT);
  }

  // Returns true if there is a yes for the event.
  const event = (fields) => !!granted() && !push(views.draft(fields));

  // Takes what earlier pages could not send, and what was noted while this script loaded.
  function begin() {
    waiting = [...kept(), ...waiting];
    views.noted.splice(0).forEach(push);
    views.noted.push = push;
    flush();
  }

  async function flush() {
    const token = granted();
    const batch = (waiting = fitting(waiting));
    clearTimeout(timer);
    timer = 0;
    if (!token) waiting = [];
    if (!waiting[0] || busy) return;
    tell();
    busy = true;
    const answer = await send.request("event", askfirst.page.bodyOf(batch, token));
    const said = await answer.text?.().catch(() => {});
    busy = false;
    if (granted() !== token) drop(batch); // the events of a yes that is gone
    else if (failed(answer)) later(answer);
    else settle(batch, said);
  }

  function drop(events) {
    waiting = waiting.filter((one) => !events.includes(one));
  }

  // What the server does not understand goes alone: its neighbours are sent again.
  function settle(batch, said) {
    const wrong = batch[/"events\[(\d+)/.exec(said)?.[1]];
    const over = /"(withdrawn|expired|outdated|bad_token|other_site)"/.exec(said);
    const done = wrong ? [wrong] : batch;
    tries = 0;
    drop(done);
    keep(done);
    if (waiting[0]) flushIn(MOMENT);
    if (over) choice.reset(over[1] === "withdrawn");
  }

  // After the last try they wait for the next event, or for the next page.
  function later(answer) {
    keep([]);
    if (tries++ < TRIES) flushIn(pause(answer, tries));
    else tries = 0;
  }

  // Sends at once. A page that is left for good hears no answer: the next one sends the same again, with
  // the same ids, and the server stores them once.
  function leave(forGood) {
    const token = granted();
    if (!token || !waiting[0]) return;
    tell();
    keep([]);
    const body = JSON.stringify(askfirst.page.bodyOf(waiting, token));
    if (forGood && navigator.sendBeacon?.(`${choice.base}event`, body)) waiting = [];
    else flush();
  }

  document.addEventListener("askfirst:choice", () => {
    if (!granted()) flush((tries = untold = 0));
  });
  addEventListener("online", flush);

  askfirst.events = { event, begin, leave, wait };
})();
