// Two tabs that accept at once: one yes is kept, the other is withdrawn and erased. Loads after each yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.granting || askfirst.tabs) return;

  const EVERY = 1000; // milliseconds
  const LOOKS = 30;
  const TRIES = 5;
  const { choice, send } = askfirst;
  const { site } = choice.script.dataset;

  // Erases what a token allowed that no browser keeps, as nobody could withdraw it any more. `alone`
  // leaves the visitor's other data, which nobody asked to erase. The request goes without cookies,
  // because the answer would set one.
  async function drop(token, tried = 1) {
    const { ok } = await send.request("consent/erase", { site, token, alone: true });
    if (!ok && tried < TRIES) setTimeout(drop, EVERY * 2 ** tried, token, tried + 1);
  }

  const ofOneVisitor = (one, other) => choice.claims(one).v === choice.claims(other).v;

  // Of two renewals of one visitor's yes, the server has ended the earlier.
  const isLater = (one, other) => choice.claims(one).g > choice.claims(other).g;

  // The cookie decides, in every tab alike. Returns true while it has to be checked again.
  function settle({ token, others, put }) {
    const kept = choice.token();
    if (!kept) return false;
    const orphans = kept === token ? others.splice(0) : [token];
    orphans.filter((one) => !ofOneVisitor(one, kept)).forEach((one) => drop(one));
    if (kept !== token && (!ofOneVisitor(token, kept) || !isLater(token, kept))) return false;
    put();
    return true;
  }

  // A page that was left does not know what was chosen meanwhile, and comes back with its timers (bfcache).
  let left = 0;
  addEventListener("pagehide", () => (left += 1));
  const now = () => choice.turn + left;

  // The tab that wrote first learns here that another wrote after it.
  function guard(mine, turn = now(), looks = LOOKS) {
    if (looks && turn === now() && settle(mine))
      setTimeout(guard, EVERY, mine, turn, looks - 1);
  }

  askfirst.tabs = { guard };
})();
