// The visitor's choice: read, kept and taken back; the only file that touches cookie or storage.
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script?.dataset.site || window.askfirst) return;

  const DAY = 864e5; // milliseconds
  const OLDER = "askfirst"; // the cookie of before, one for all sites of a domain
  const name = `${OLDER}_${script.dataset.site}`; // a choice of its own for each of them
  const base = new URL(".", script.src);
  const tail = (host) => host.split(".").slice(-2).join(".");
  const near = tail(base.hostname) === tail(location.hostname); // cookies go along

  let no = false; // holds for this page even where the browser keeps no cookie
  let known;
  let outdated = ""; // a token that no longer serves: the next yes renews it
  let left; // a withdrawn token, and "" once it is decided about its data

  const kept = (under) =>
    document.cookie
      .split("; ")
      .flatMap((cookie) => (cookie.split("=")[0] === under && cookie.slice(under.length + 1)) || []);
  const earlier = () => kept(OLDER);
  const own = () => kept(name);

  // A no of before goes on for every site; a yes of before is left to `earlier.js`.
  const cookies = () => (own()[0] ? own() : earlier().filter((value) => value === "no"));

  // What a token says: p, its purposes; u, until when; n, the policy's version.
  function claims(said) {
    try {
      return JSON.parse(atob(said.split(".")[0].replace(/-/g, "+").replace(/_/g, "/")));
    } catch {}
  }

  // Read anew each time: what another tab did counts here at once.
  function read() {
    const found = cookies();
    const refused = found.includes("no") || (no && !found[0]);
    const purposes = (!refused && granted(claims(found[0]))) || [];
    return { choice: refused ? "refused" : purposes[0] ? "granted" : "none", purposes };
  }

  // GPC is a no to whatever was said before it; x tells a yes that was given in spite of it.
  const granted = (said) => said?.u > Date.now() && (said.x || !navigator.globalPrivacyControl) && said.p;

  // The last token, of use or not.
  const older = () => cookies()[0] || outdated;

  // The token that allows a purpose, or any.
  function token(purpose) {
    const { purposes } = read();
    return purposes.includes(purpose ?? purposes[0]) && cookies()[0];
  }

  // An invalid date is no date to a browser: the cookie then lives until the browser is closed.
  function write(value, expires, domain = "", under = name) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const ends = new Date(expires).toUTCString();
    document.cookie = `${under}=${value}; Path=/; SameSite=Lax; Domain=${domain}; Expires=${ends}${secure}`;
  }

  function wipe(under) {
    write("", 0, "", under);
    const labels = location.hostname.split(".");
    for (; labels[1]; labels.shift()) write("", 0, labels.join("."), under);
  }

  // The cookie of before goes too where it holds a yes to this site, which `s` tells.
  function clear(value = own()[0]) {
    const site = claims(value)?.s;
    wipe(name);
    if (site && earlier().some((yes) => claims(yes)?.s === site)) wipe(OLDER);
  }

  // A cookie that the server set is left alone: some browsers keep it longer than a script's.
  function keep(value, expires) {
    const alone = () => own().join() === value;
    if (!alone()) write("", 0);
    if (alone()) return;
    clear(value);
    write(value, expires);
  }

  // To midnight, so that all who refuse on one day have the same bytes.
  const keepNo = (days, how) => how("no", (Math.floor(Date.now() / DAY) + days) * DAY);

  // In this tab alone; where it has no storage, as long as the page.
  function withdrawn(text) {
    try {
      if (text) sessionStorage[name] = text;
      else if (text === undefined) left ??= sessionStorage[name];
      else delete sessionStorage[name];
    } catch {}
    return (left = text ?? left);
  }

  // Takes back whatever stood here: for a no, or for nothing, so that the question comes again.
  function putBack(refused) {
    choice.turn += 1;
    outdated = refused ? "" : cookies()[0];
    clear();
    if ((no = refused)) keepNo(180, write); // days, until the server has said its own
    announce();
  }

  // A no holds here whether or not it reaches the server.
  async function tell(body, tried) {
    const { days } = await askfirst.send.consent("consent", body, tried);
    if (read().choice === "refused") keepNo(days, near ? keep : write);
  }

  // A withdrawal is told until the server knows it, from the next page too. A no says to which
  // language and version it was `asked`, for the counts.
  function withdraw(method = "api", asked) {
    const old = token();
    if (old) withdrawn(old); // only it proves whose data is to be erased
    putBack(true);
    tell(old ? { choice: "withdraw", token: old, method } : { choice: "refuse", ...asked }, old && 1).then(
      () => withdrawn() === old && withdrawn(`${old} told`),
      () => {},
    );
  }

  function announce() {
    const detail = read();
    if (known === (known = detail.choice + detail.purposes)) return;
    if (detail.choice === "granted") withdrawn("");
    document.dispatchEvent(new CustomEvent("askfirst:choice", { detail }));
  }

  // A no of another tab counts at once; its yes waits for the next look at this one. The event tells
  // the no itself: on a busy machine the cookies that a script sees can be older than it.
  function ended({ changed }) {
    no ||= changed?.some((cookie) => cookie.name + cookie.value === `${name}no`);
    if (read().choice === "refused") announce();
  }

  // Not before the page is parsed: from then on the control can stand where nothing takes it away, and
  // nothing is recorded without it.
  async function start() {
    if (document.prerendering) return document.addEventListener("prerenderingchange", start);
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", start);
    if (!cookies()[0] && earlier()[0]) await askfirst.control.open("earlier", (part) => part.adopt());
    document.addEventListener("visibilitychange", announce);
    addEventListener("focus", ended);
    window.cookieStore?.addEventListener("change", ended);
    announce();
  }

  const choice = {
    script,
    base,
    near,
    turn: 0, // grows with every choice: a late answer cannot undo a newer one
    claims,
    earlier,
    copy: write,
    wipe: () => wipe(OLDER),
    read,
    token,
    older,
    keep,
    keepNo,
    withdrawn,
    putBack,
    announce,
    tell,
    withdraw,
  };
  const askfirst = (window.askfirst = { choice });
  queueMicrotask(start); // when the other parts of the tag are there
})();
