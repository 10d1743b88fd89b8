// What happens on a page after a yes: that it is seen, navigation within it, and clicks. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.vitals || askfirst.tracker) return;

  const { choice, control, views } = askfirst;
  const { linkTo } = askfirst.page;
  const { granted } = askfirst.views;
  const { record, begin, leave } = askfirst.events;
  const { startVitals, reportVitals, stopVitals } = askfirst.vitals;
  const DOWNLOAD = new RegExp(
    `\\.(${
      control.dataset.downloads?.replace(/\W+/g, "|") ??
      "7z|apk|csv|deb|dmg|docx?|epub|exe|iso|mp[34]|msi|od[pst]|pdf|pptx?|[rt]ar|rpm|t?gz|xlsx?|zip"
    })$`,
    "i",
  );
  const MARKED = "form,[data-askfirst-event]";
  const IDLE = 18e5; // milliseconds without use, after which nobody is taken to read
  const EVERY = 6e5; // milliseconds of reading that are sent while it goes on, so that the visit does too
  const TICK = 5e3; // milliseconds: nothing tells that a window lost the focus while a frame in it had it

  let left; // whether the page was a view before it went into the back/forward cache
  let since; // when the time began that is not counted yet, where somebody looks
  let used; // when the page was last used
  let engaged; // milliseconds
  let deepest; // pixels
  let scrolled; // percent, as last sent
  let ticking;

  const here = () => views.addressOf(location);

  // Counts the time since the last look, and notes that the page is used: by a person, and not by a key that
  // leads elsewhere. What is used again after half an hour is seen again.
  // eslint-disable-next-line complexity -- as functions of their own, its conditions would cost bytes
  function look(event) {
    const now = Date.now();
    if (since) engaged += Math.max(Math.min(now, used + IDLE, since + 2 * TICK) - since, 0);
    since = views.last && !document.hidden && document.hasFocus() && now;
    deepest = Math.max(deepest, scrollY + innerHeight);
    if (since) ticking ||= setTimeout(tick, TICK);
    if (!since || !event || /scroll|blur|Alt|Control|Meta/.test(event.type + event.key)) return;
    if (now - used > IDLE) next(views.last.url);
    used = now;
  }

  function tick() {
    ticking = 0;
    look();
    if (engaged >= EVERY) look(report());
  }

  // Sends what was added since it was last sent, and stops. A page may have no height.
  function report() {
    look();
    since = 0;
    const share = Math.round((100 * deepest) / document.documentElement.scrollHeight) || 0;
    const scroll = Math.max(scrolled, Math.min(share, 100));
    if (views.last && (engaged || scroll > scrolled))
      record({ kind: "engagement", url: views.last.url, engaged_ms: engaged, scroll_from: scrolled, scroll });
    engaged = 0;
    scrolled = scroll;
  }

  // Begins anew: with another view, which its application may scroll to the top yet, or another choice.
  function reset() {
    look();
    engaged = deepest = scrolled = 0;
  }

  // Notes another view, after what was read of the one before.
  function next(referrer) {
    report();
    views.note({ ...views.last, url: here(), referrer });
    reset();
  }

  // Another query is the same page, filtered or without its campaign.
  const path = (url) => url.split("?")[0];

  function moved() {
    const { last } = views;
    if (last && path(last.url) !== path(here())) next(last.url);
  }

  // Sends a link, of HTML, SVG or MathML, unless it leads to a place on the same page.
  // eslint-disable-next-line complexity -- as functions of their own, its conditions would cost bytes
  function follow(link) {
    const url = linkTo(link.href?.baseVal ?? link.getAttribute("href"));
    const scheme = { "mailto:": "mail", "tel:": "telephone" }[url.protocol];
    const link_url = scheme ? url.href.replace(/[?#].*|\s|%20/g, "") : views.addressOf(url);
    const file = (link.hasAttribute("download") || DOWNLOAD.test(url.pathname)) && "download";
    const link_kind = scheme || file || (url.host === location.host ? "internal" : "outbound");
    if (scheme || (/^http/.test(url.protocol) && !(url.href.includes("#") && link_url === here())))
      record({ kind: "link_click", url: here(), link_url: link_url.slice(0, 2048), link_kind });
  }

  // A click that a script makes counts, too: menus and cards pass on the visitor's. Who is in a form, where
  // a field may be called `matches`, may send it soon: then `custom.js` is there.
  function acted(event) {
    const around = event.composedPath();
    const find = (selector) => around.find((node) => node.matches?.call && node.matches(selector));
    if (event.button > 1 || find("[id^=askfirst],[data-askfirst-show]")) return;
    const link = /click/.test(event.type) && find(":any-link");
    if (link) follow(link);
    if (event.type === "submit" || find(MARKED)) control.open("custom", (custom) => custom.acted(event, around, link));
  }

  function gone(forGood) {
    choice.announce();
    report();
    reportVitals();
    leave(forGood);
  }

  // A page counts once it can be seen: not in a tab behind others, nor in a frame that never shows.
  function start() {
    if (!granted()) return document.addEventListener("askfirst:choice", start, { once: true });
    if (!views.seen && (document.hidden || self !== top)) return control.open("unseen", (unseen) => unseen.wait(start));
    startVitals(views.noted[0]);
    begin();
    used = Date.now();
    reset();
    const on = (names, act) => names.split(" ").forEach((name) => addEventListener(name, act, true));
    if (window.navigation?.currentEntry) navigation.addEventListener("currententrychange", moved);
    else control.open("past", (past) => past.watch(moved));
    on("click auxclick submit focus", acted);
    on("wheel keydown pointerdown scroll blur", look);
    addEventListener("focus", look); // of the window: a script may focus an element
    on("visibilitychange", (event) => (document.hidden ? gone() : look(event)));
    on("pagehide", () => gone((left = views.last) || true));
    on("pageshow", ({ persisted }) => persisted && left && next(left.referrer));
    document.addEventListener("askfirst:choice", () => reset(stopVitals()));
    moved();
    if (document.querySelector(MARKED)) control.open("custom");
  }

  askfirst.tracker = true;
  start();
})();
