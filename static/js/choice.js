// The visitor's choice: read, kept and changed; the only file that touches cookie or storage.
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script?.src || !script.dataset.site || window.askfirst?.consent) return;

  const DAY = 864e5;
  const DAYS = 180;
  const base = new URL(".", script.src);
  const tail = (host) => host.split(".").slice(-2).join(".");
  const near = tail(base.hostname) === tail(location.hostname); // so that cookies go along

  let turn = 0; // counts choices: a late answer cannot undo a newer choice
  let no = false; // holds for this page even where the browser keeps no cookie
  let known;
  let left; // a withdrawn token, and "" once it is decided about its data

  const cookies = () =>
    [...`; ${document.cookie}`.matchAll(/; askfirst=([^;]*)/g)].map((found) => found[1]);

  function claims(token) {
    try {
      const payload = token.split(".")[0].replace(/-/g, "+").replace(/_/g, "/");
      const { p: purposes, u: until } = JSON.parse(atob(payload));
      return purposes.length && until > Date.now() && { purposes, until };
    } catch {
      return null;
    }
  }

  // Read anew each time: what another tab did counts here at once.
  function read() {
    const found = cookies();
    const given = claims(found[0]);
    if (found.includes("no") || (no && !found[0])) return { choice: "refused", purposes: [] };
    if (!given) return { choice: "none", purposes: [] };
    return { choice: "granted", purposes: given.purposes, token: found[0] };
  }

  function state() {
    const { choice: now, purposes } = read();
    return { choice: now, purposes };
  }

  function tokenFor(purpose) {
    const { purposes, token } = read();
    return purposes.includes(purpose) && token;
  }

  function write(value, expires, domain = "") {
    document.cookie =
      `askfirst=${value}; Path=/; SameSite=Lax; Expires=${new Date(expires).toUTCString()}` +
      (location.protocol === "https:" ? "; Secure" : "") +
      (domain && `; Domain=${domain}`);
  }

  function clear() {
    write("", 0);
    const labels = location.hostname.split(".");
    for (; labels[1]; labels.shift()) write("", 0, labels.join("."));
  }

  // A cookie that the server set is left alone: some browsers keep it longer than a script's.
  function keep(value, expires) {
    const alone = () => cookies().join() === value;
    if (!alone()) write("", 0);
    if (alone()) return;
    clear();
    write(value, expires);
  }

  // To midnight, so that all who refuse on one day have the same bytes.
  const midnight = (days) => (Math.floor(Date.now() / DAY) + days) * DAY;

  // Where it is closed to scripts, the offer to erase lives as long as its page.
  function inTab(act, value) {
    try {
      return window.sessionStorage[act]("askfirst", value);
    } catch {}
  }

  // The withdrawn token, and behind it whether the server knows.
  const inHand = () => (left ??= inTab("getItem"))?.split(" ") ?? [];
  const toErase = () => inHand()[0];
  const hold = (text) => inTab("setItem", (left = text));

  function decided(value = "") {
    left = value;
    inTab("removeItem");
  }

  // Takes back whatever stood here: for a no, or for nothing, so that the question comes again.
  function putBack(value) {
    turn += 1;
    clear();
    no = value === "no";
    if (no) write(value, midnight(DAYS));
    announce();
  }

  function settleNo({ days }) {
    if (read().choice === "refused") (near ? keep : write)("no", midnight(days));
  }

  // A no holds here whether or not it reaches the server; a withdrawal is told until it does.
  function tell(body, tried) {
    return askfirst.send.consent("consent", body, tried).then(settleNo, () => true);
  }

  async function tellWithdrawn(token, method) {
    const failed = await tell({ choice: "withdraw", token, method }, 1);
    if (!failed && toErase() === token) hold(`${token} told`);
  }

  // A yes counts once its proof is stored and its token kept; until then nothing is different.
  async function grant(purposes, method, { version, hash: notice, language }) {
    const mine = (turn += 1);
    const gpc = navigator.globalPrivacyControl === true;
    const yes = { choice: "accept", purposes, version, notice, language, method, gpc };
    const before = read().choice;
    const newer = () => before !== "refused" && read().choice === "refused" && (turn += 1);
    const watch = setInterval(newer, 50); // a no that another tab gives meanwhile is the newer one
    const { token } = await askfirst.send
      .consent("consent", yes)
      .finally(() => clearInterval(watch));
    if (mine === turn) {
      no = false;
      keep(token, claims(token).until);
      if (read().token === token) return announce();
    }
    tellWithdrawn(token, method);
    if (read().token === token) keep("no", midnight(DAYS));
    throw new Error("not kept");
  }

  function refuse() {
    putBack("no");
    tell({ choice: "refuse" });
  }

  function withdraw(method) {
    const { token } = read();
    if (!token) return refuse();
    putBack("no");
    hold(token); // only it proves whose data is to be erased
    tellWithdrawn(token, method);
    askfirst.control.withBanner((banner) => banner.offerErasure(true));
  }

  function announce() {
    const detail = state();
    if (known === (known = detail.choice + detail.purposes)) return;
    if (detail.choice === "granted") decided(null);
    document.dispatchEvent(new CustomEvent("askfirst:choice", { detail }));
  }

  // A no of another tab counts at once; its yes waits for the next look at this one.
  const ended = () => read().choice === "refused" && announce();

  function start() {
    if (document.prerendering) document.addEventListener("prerenderingchange", start);
    else if (!document.body) document.addEventListener("DOMContentLoaded", start);
    else {
      document.addEventListener("visibilitychange", announce);
      addEventListener("focus", ended);
      window.cookieStore?.addEventListener("change", ended);
      announce();
      const [token, told] = known === "refused" ? inHand() : [];
      if (token && !told) tellWithdrawn(token, "api"); // the page before was cut off
    }
  }

  const reading = { script, base, near, read, state, tokenFor, toErase };
  const choice = { ...reading, decided, putBack, grant, refuse, withdraw };
  const askfirst = (window.askfirst = { choice });
  queueMicrotask(start); // when the other parts of the tag are there
})();
