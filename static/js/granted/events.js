// The queue of events: sent in batches, again after a failure, when the page is left, and by the next page.
// Loads after a yes, without which it neither sends nor keeps anything.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.page || askfirst.events) return;

  const { choice, control, send, views } = askfirst;
  const { granted } = askfirst.views;
  const { about, bodyOf } = askfirst.page;
  const TRIES = 5;
  const MOMENT = 500; // milliseconds: events of one moment go together, and a new page sets its title
  const DAY = 864e5; // milliseconds, after which the server takes no event
  const MOST = 50; // what the server takes at once
  const LONGEST = 2e4; // characters, of at most three bytes: a page may send 64 KiB while it is left

  let waiting = []; // events that the server has not confirmed
  let token; // of the yes that they belong to
  let untold; // the newest view, while its page may still change what it says of itself
  let first = true; // whether that is the first view of the load
  let busy; // while an answer is awaited
  let tries = 0;
  let timer;

  // Returns the newest events that one request may hold. None is too long by itself.
  function fitting(batch) {
    const young = batch.filter((one) => one?.at > Date.now() - DAY);
    while (young[MOST] || JSON.stringify(young).length > LONGEST) young.shift();
    return young;
  }

  // The consent that allows the events: what was kept under another is not sent.
  const ground = () => choice.claims(granted())?.c;

  // Returns what this page or others of the site have kept.
  function kept() {
    try {
      const [consent, ...batch] = JSON.parse(localStorage[choice.slot]);
      if (consent === ground()) return fitting(batch);
    } catch {}
    return [];
  }

  // Forgets what is done: what the server has, or will never take. Keeps what waits beside what other tabs
  // have kept, and goes on with it after a while, or with 0 not before the next event.
  // Without a yes nothing is kept: the answer itself may have ended it.
  function settle(done, wait = MOMENT) {
    if (!current()) return;
    waiting = waiting.filter((one) => !done.includes(one));
    const known = (other) => [...done, ...waiting].some(({ id }) => id === other.id);
    const all = fitting([...kept().filter((other) => !known(other)), ...waiting]);
    try {
      delete localStorage[choice.slot];
      if (all[0]) localStorage[choice.slot] = JSON.stringify([ground(), ...all]);
    } catch {}
    flushIn(waiting[0] && wait);
  }

  // Without a time only what was planned is given up.
  function flushIn(milliseconds) {
    clearTimeout(timer);
    timer = milliseconds && setTimeout(flush, milliseconds);
  }

  // Completes the newest view with what its page says by now.
  function tell() {
    if (!untold) return;
    Object.assign(untold, about(untold.url, first));
    first = untold = 0;
  }

  // Returns the token. What waits ends with its yes: another may have been given in another window.
  function current() {
    if (token !== granted()) {
      waiting = [];
      untold = tries = 0;
    }
    return (token = granted());
  }

  // Returns the token where something waits, which is then ready to be sent.
  function ready() {
    current();
    tell();
    waiting = fitting(waiting);
    return waiting[0] && token;
  }

  // Takes an event with its id and time. A view waits for a moment of its own.
  function push(event) {
    current();
    waiting = [...waiting, event];
    if (event.kind === "page_view") {
      tell();
      untold = event;
      if (!tries) flushIn();
    }
    timer ||= setTimeout(flush, MOMENT);
  }

  // Takes an event if there is a yes for it.
  const record = (fields) => granted() && push(views.draft(fields));

  // Takes what earlier pages could not send, and what was noted while this script loaded.
  function begin() {
    current();
    waiting = [...kept(), ...waiting];
    views.noted.splice(0).forEach(push);
    views.noted.push = push;
    flush();
  }

  // What could not be sent waits for the next try, after the last one for the next event or page.
  // eslint-disable-next-line complexity -- as functions of their own, its conditions would cost bytes
  async function flush() {
    flushIn();
    const under = ready();
    if (!under || busy) return;
    const batch = waiting;
    const answer = await (busy = send.request("event", bodyOf(batch, under)));
    busy = 0;
    if (under !== current()) return;
    const pause = send.pause(answer, ++tries);
    if (!pause || tries > TRIES) tries = 0;
    if (pause) settle([], tries && pause);
    else if (answer.ok) settle(batch);
    else control.open("refused", (refused) => refused.of(batch, answer, under).then(settle));
  }

  // Sends at once. A page that is left for good hears no answer: the next one sends the same again, with
  // the same ids, and the server stores them once.
  function leave(forGood) {
    if (!ready()) return;
    settle([]);
    if (forGood && navigator.sendBeacon?.(`${choice.base}event`, JSON.stringify(bodyOf(waiting, token)))) waiting = [];
    else flush();
  }

  addEventListener("online", flush);

  askfirst.events = { record };
  askfirst.queue = { begin, leave };
})();
