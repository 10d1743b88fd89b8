// The page views: noted once there is a yes, and sent by `granted.js` when it is there. Loads on every page.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice, control, send } = askfirst;
  const { site, routes } = choice.script.dataset;
  const granted = () => choice.token("statistics");
  const noted = []; // `events.js` replaces its `push` and takes what it holds

  // Returns the address of a page or link without fragment, user name and password, cut to what the
  // server takes. With `data-routes` the fragment is the route: it ends the path, without its own query.
  const addressOf = ({ origin, pathname, search, hash } = location) =>
    (
      origin +
      (pathname + (routes ? hash : "")).split("?")[0].replace(/\/?#!?\/?/, "/") +
      search
    ).slice(0, 2048);

  // The first event of this visit, whether or not it is sent.
  const first = () => ({
    kind: "page_view",
    url: addressOf(),
    referrer: document.referrer,
    title: document.title,
  });

  // Adds the time and an id of the time and chance: it only has to differ from others, also where a page
  // has made chance repeat itself.
  function draft(fields) {
    let id = Date.now().toString(32);
    while (!id[21]) id += ((Math.random() * 32) | 0).toString(32);
    return { id, ...fields, at: Date.now() };
  }

  // The event for the server, which is told how long ago it was.
  const aged = ({ at, ...fields }) => ({ ...fields, age: Math.max(Date.now() - at, 0) });

  const note = (view) => granted() && noted.push(draft((views.last = view)));

  function forget() {
    views.last = noted.length = 0;
  }

  // A page that is left before `granted.js` is there loses no view. Where the page stays, the view is
  // sent again with the same id, which the server stores once.
  addEventListener("visibilitychange", () => {
    const token = granted();
    if (document.hidden && noted[0] && token)
      views.seen = send.request("event", { site, token, events: noted.map(aged) });
  });

  // Where `granted.js` does not load, nothing is recorded. It is tried twice: Firefox ends what a page loads as
  // soon as a link is followed, which is no failure, and the page is left later.
  const load = (failed) => control.open("granted").then(() => askfirst.events || failed(forget));

  document.addEventListener("askfirst:choice", () => {
    if (!granted()) return forget();
    if (!views.last) note(first());
    load(load);
  });

  const views = (askfirst.views = { granted, noted, note, addressOf, draft, aged, first });

  // Without a yes a call does nothing, and is not kept either.
  askfirst.track = (...call) =>
    granted() && control.open("granted", () => control.open("custom", (custom) => custom.track(...call)));
})();
