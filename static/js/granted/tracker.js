// What happens on a page after a yes: that it is seen, navigation within it, and clicks. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.vitals || askfirst.tracker) return;

  const { choice, control, views } = askfirst;
  const { linkTo } = askfirst.reading;
  const { granted } = askfirst.views;
  const { record } = askfirst.events;
  const { begin, leave } = askfirst.queue;
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
  const STAY = 1e3; // milliseconds that a part of the page is in sight before it counts as seen
  const SLEPT = 1e4; // milliseconds without a tick, after which the machine is taken to have slept
  const TICK = 5e3; // milliseconds: nothing tells that a window lost the focus while a frame in it had it

  let left; // whether the page was a view before it went into the back/forward cache
  let since; // when the time began that is not counted yet, where somebody looks
  let used; // when the page was last used
  let engaged; // milliseconds
  let bottom; // of what is in sight, in pixels from the page's top
  let height; // of the page, at the same time
  let settled; // when that part came in sight
  let deepest; // pixels that stayed in sight
  let whole; // the page's height by then
  let scrolled; // percent, as last sent
  let ticking;

  // Counts the time since the last look, and notes that the page is used: by a person, and not by a key that
  // leads elsewhere. What is used again after half an hour is seen again.
  // eslint-disable-next-line complexity -- as functions of their own, its conditions would cost bytes
  function look(event) {
    const now = Date.now();
    if (since) engaged += Math.max(Math.min(now, used + IDLE, since + SLEPT) - since, 0);
    since = views.last && !document.hidden && document.hasFocus() && now;
    if (now - settled >= STAY) {
      deepest = Math.max(deepest, bottom);
      whole = height;
    }
    height = document.documentElement.scrollHeight;
    if (bottom !== (bottom = scrollY + innerHeight)) settled = now;
    if (!since) return;
    ticking ||= setTimeout(tick, TICK);
    if (!event || /scroll|blur|Alt|Control|Meta/.test(event.type + event.key)) return;
    if (now - used > IDLE) next(views.last.url);
    used = now;
  }

  function tick() {
    ticking = 0;
    look();
    if (engaged >= EVERY) look(report());
  }

  // Sends what was added since it was last sent, and stops.
  function report() {
    look();
    since = 0;
    const scroll = Math.max(scrolled, Math.min(Math.round((100 * deepest) / whole) || 0, 100));
    if (views.last && (engaged || scroll > scrolled))
      record({ kind: "engagement", url: views.last.url, engaged_ms: engaged, scroll_from: scrolled, scroll });
    engaged = 0;
    scrolled = scroll;
  }

  // Begins anew: with another view, which its application may scroll to the top yet, or another choice.
  function reset() {
    look();
    engaged = deepest = scrolled = 0;
    settled = Date.now();
  }

  // Notes another view, after what was read of the one before.
  function next(referrer) {
    report();
    views.note({ ...views.last, url: views.addressOf(), referrer });
    reset();
  }

  // Another query is the same page, filtered or without its campaign.
  function moved() {
    const url = views.last?.url;
    if (url && url.split("?")[0] !== views.addressOf().split("?")[0]) next(url);
  }

  // Sends a link, of HTML, SVG or MathML, unless it leads to a place on the same page.
  // eslint-disable-next-line complexity -- as functions of their own, its conditions would cost bytes
  function follow(link) {
    const url = linkTo(link.href?.baseVal ?? link.getAttribute("href"));
    const scheme = { "mailto:": "mail", "tel:": "telephone" }[url.protocol];
    const link_url = scheme ? url.href.replace(/[?#].*|\s|%20/g, "") : views.addressOf(url);
    const side = url.host === location.host ? "internal" : "outbound";
    const link_kind = scheme || (link.hasAttribute("download") || DOWNLOAD.test(url.pathname) ? "download" : side);
    if (scheme || (/^http/.test(url.protocol) && (link_url !== views.addressOf() || !/#/.test(url))))
      record({ kind: "link_click", url: views.addressOf(), link_url: link_url.slice(0, 2048), link_kind });
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
    reset();
    used = settled;
    const on = (names, act) => names.split(" ").forEach((name) => addEventListener(name, act, true));
    if (window.navigation?.currentEntry) navigation.addEventListener("currententrychange", moved);
    else control.open("past", (past) => past.watch(moved));
    on("click auxclick submit focus", acted);
    on("wheel keydown pointerdown scroll blur", look);
    addEventListener("focus", look); // of the window: a script may focus an element
    on("visibilitychange", (event) => (document.hidden ? gone() : look(event)));
    on("pagehide", () => {
      left = views.last;
      gone(true);
      used = Infinity; // what comes back from the browser's memory is seen again by that, however late
    });
    on("pageshow", ({ persisted }) => persisted && left && next(left.referrer));
    document.addEventListener("askfirst:choice", () => reset(stopVitals()));
    moved();
    if (document.querySelector(MARKED)) control.open("custom");
  }

  askfirst.tracker = true;
  start();
})();
