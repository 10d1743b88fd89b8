// The visitor's choice: how it is read, kept and withdrawn. Loads on every page of a site; the only file
// that touches cookies and storage.
(() => {
  "use strict";

  const script = document.currentScript;
  if (!script?.dataset.site || window.askfirst) return;

  const OLDER = "askfirst"; // the cookie of earlier releases, shared by all sites of a domain
  const name = `${OLDER}_${script.dataset.site}`; // today each site has its own
  const base = new URL(".", script.src);
  const tail = (host) => host.split(".").slice(-2).join(".");
  const near = tail(base.hostname) === tail(location.hostname); // the server sees and sets our cookies

  let announced; // the choice that listeners were last told of
  let no; // a refusal on this page holds even where the browser keeps no cookie
  let outdated; // a token that is no longer valid; the next yes renews it
  let left; // the withdrawn token, and "" once the visitor has decided about its data

  // Returns the values of all cookies of that name: a browser may hold several, by domain.
  const kept = (under) =>
    document.cookie
      .split("; ")
      .flatMap((cookie) => (cookie.split("=")[0] === under && cookie.slice(under.length + 1)) || []);
  const earlier = () => kept(OLDER);
  const own = () => kept(name);

  // An older refusal still applies to every site; an older yes is left to `earlier.js`.
  const cookies = () => (own()[0] ? own() : earlier().filter((value) => value === "no"));

  // Reads the claims of a token: p, its purposes; u, valid until; n, the policy's version.
  function claims(said) {
    try {
      return JSON.parse(atob(said.split(".")[0].replace(/-/g, "+").replace(/_/g, "/")));
    } catch {}
  }

  // Read from the cookie each time, so that a choice in another tab counts here at once.
  function read() {
    const found = cookies();
    const refused = found.includes("no") || (no && !found[0]);
    const purposes = (!refused && granted(claims(found[0]))) || [];
    const otherwise = purposes[0] ? "granted" : "none";
    return { choice: refused ? "refused" : otherwise, purposes };
  }

  // Global Privacy Control overrules every yes but one that was given in spite of it, which x marks.
  const granted = (said) => said?.u > Date.now() && (!navigator.globalPrivacyControl || said.x) && said.p;

  // The last token, valid or not.
  const older = () => cookies()[0] || outdated;

  // Returns the token if it allows the purpose, or without one any purpose; else something falsy.
  function token(purpose) {
    const { purposes } = read();
    return purposes.includes(purpose ?? purposes[0]) && cookies()[0];
  }

  // A browser ignores an invalid date: without `expires` the cookie lasts until the browser is closed.
  function write(value, expires, domain = "", under = name) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${under}=${value}; Path=/; SameSite=Lax; Domain=${domain}; Expires=${new Date(expires).toUTCString()}${secure}`;
  }

  function wipe(under) {
    write("", 0, "", under);
    const host = location.hostname.split(".");
    for (; host[1]; host.shift()) write("", 0, host.join("."), under);
  }

  // Also removes the cookie of earlier releases if its token is for this site, which the claim s says.
  function clear(value) {
    const site = claims(value)?.s;
    wipe(name);
    if (site && earlier().some((yes) => claims(yes)?.s === site)) wipe(OLDER);
  }

  // Leaves a cookie alone that the server has set, as some browsers keep it longer than a script's.
  function keep(value, expires) {
    const alone = () => own().join() === value;
    if (!alone()) write("", 0);
    if (alone()) return;
    clear(value);
    write(value, expires);
  }

  // Expires at midnight UTC (864e5 milliseconds are a day), so that all refusals of a day are alike.
  const keepNo = (days, how) => how("no", (Math.floor(Date.now() / 864e5) + days) * 864e5);

  // The withdrawn token, with " told" behind it once the server knows. It is kept for this tab alone, or
  // where the tab has no storage for this page.
  function withdrawn() {
    try {
      return (left ??= sessionStorage[name]);
    } catch {}
  }

  function setWithdrawn(text) {
    left = text;
    try {
      if (text) sessionStorage[name] = text;
      else delete sessionStorage[name];
    } catch {}
  }

  // Replaces the choice by a refusal, or by none, so that the banner shows again.
  function reset(refused) {
    choice.turn += 1;
    outdated = refused ? "" : cookies()[0];
    clear(own()[0]);
    no = refused;
    if (no) keepNo(180, write); // days, until the server answers with its own number
    announce();
  }

  // The refusal holds here whether or not this reaches the server.
  async function send(body, tried) {
    const { days } = await askfirst.send.consent("consent", body, tried);
    if (read().choice === "refused") keepNo(days, near ? keep : write);
  }

  // A withdrawal is reported until the server knows it, by the next page too. A refusal carries the
  // language and version of the banner, `asked`, for the counts.
  function withdraw(method = "api", asked) {
    const old = token();
    if (old) setWithdrawn(old); // the only proof of whose data is to be erased
    reset(true);
    send(old ? { choice: "withdraw", token: old, method } : { choice: "refuse", ...asked }, old && 1)
      .then(() => withdrawn() === old && setWithdrawn(`${old} told`))
      .catch(() => {});
  }

  function announce() {
    const detail = read();
    const now = detail.choice + token(); // which says the purposes, too
    if (announced === now) return;
    announced = now;
    if (detail.choice === "granted") setWithdrawn("");
    try {
      if (!token("statistics")) delete localStorage[name]; // what `events.js` keeps
    } catch {}
    document.dispatchEvent(new CustomEvent("askfirst:choice", { detail }));
  }

  // A refusal in another tab is announced at once; a yes waits until this tab is looked at. The event
  // itself says that it is a refusal, as on a busy machine a script may still see the cookies of before.
  function ended({ changed }) {
    no ||= changed?.some((cookie) => cookie.name + cookie.value === `${name}no`);
    if (read().choice === "refused") announce();
  }

  // Waits until the page is parsed, when the control can be added where no framework removes it: without
  // the control nothing is recorded.
  async function start() {
    if (document.prerendering) return document.addEventListener("prerenderingchange", start);
    if (document.readyState === "loading") return addEventListener("DOMContentLoaded", start);
    if (!cookies()[0] && earlier()[0]) await askfirst.control.open("earlier", (part) => part.adopt());
    addEventListener("visibilitychange", announce);
    addEventListener("focus", ended);
    window.cookieStore?.addEventListener("change", ended);
    announce();
  }

  const askfirst = (window.askfirst = {});
  const choice = (askfirst.choice = {
    slot: name, // of the cookie, and of what `events.js` keeps
    reset,
    turn: 0, // grows with every choice, so that a late answer cannot undo a newer one
    script,
    keep,
    base,
    older,
    earlier,
    copy: write,
    claims,
    near,
    token,
    keepNo,
    withdrawn,
    withdraw,
    announce,
    send,
    read,
    setWithdrawn,
    wipe: () => wipe(OLDER),
  });
  queueMicrotask(start); // after the other files of the tag have run
})();
