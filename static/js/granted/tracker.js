// What happens on a page after a yes: that it is seen, navigation within it, clicks and forms. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.tracker) return;

  const { choice, control, events, page, views } = askfirst;
  const { event: send } = events;
  const ENDINGS = "7z|apk|csv|deb|dmg|docx?|epub|exe|iso|mp[34]|msi|od[pst]|pdf|pptx?|[rt]ar|rpm|t?gz|xlsx?|zip";
  const endings = choice.script.dataset.downloads?.replace(/\W+/g, "|") ?? ENDINGS;
  const DOWNLOAD = new RegExp(`\\.(${endings})$`, "i");
  const MARKED = "[data-askfirst-event]";
  const IDLE = 18e5; // milliseconds without use, after which nobody is taken to read
  const EVERY = 6e5; // milliseconds of reading that are sent while it goes on, so that the visit does too
  const TICK = 5e3; // milliseconds: nothing tells that a window lost the focus while a frame in it had it

  let left; // whether the page was a view before it went into the back/forward cache
  let since; // when the time began that is not counted yet, where somebody looks
  let used; // when the page was last used
  let engaged; // milliseconds
  let deepest; // pixels
  let scrolled; // percent, as last sent
  let timer;
  let late; // whether the page was first seen some time after it loaded

  const here = () => views.addressOf(location);

  // Counts the time since the last look, and with an event notes that the page is used. What is used
  // again after half an hour is seen again.
  // eslint-disable-next-line complexity -- as a function of its own, a condition would cost bytes
  function look(event) {
    const now = Date.now();
    const before = used;
    if (since) engaged += Math.max(Math.min(now, used + IDLE, since + 2 * TICK) - since, 0);
    since = views.last && !document.hidden && document.hasFocus() && now;
    deepest = Math.max(deepest, scrollY + innerHeight);
    clearTimeout(timer);
    if (since) timer = setTimeout(tick, TICK);
    if (event) used = now;
    if (views.last && used - before > IDLE) next(views.last.url);
  }

  function tick() {
    look();
    if (engaged >= EVERY) look(report());
  }

  // Sends what was added since it was last sent, and stops.
  function report() {
    look();
    since = 0;
    const share = Math.round((deepest / document.documentElement.scrollHeight) * 100);
    const scroll = Math.max(scrolled, Math.min(share, 100));
    if (views.last && (engaged || scroll > scrolled))
      send({ kind: "engagement", url: views.last.url, engaged_ms: engaged, scroll_from: scrolled, scroll });
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

  function kindOf(url, link) {
    if (link.hasAttribute("download") || DOWNLOAD.test(url.pathname)) return "download";
    return url.host === location.host ? "internal" : "outbound";
  }

  // Sends a link, of SVG or HTML, unless it leads to a place on the same page.
  function follow(link) {
    const url = page.parse(link.href.baseVal ?? link.href);
    const scheme = { "mailto:": "mail", "tel:": "telephone" }[url.protocol];
    const link_url = scheme ? url.href.replace(/[?#].*|\s|%20/g, "") : views.addressOf(url);
    const link_kind = scheme ?? kindOf(url, link);
    if (scheme || (/^http/.test(url.protocol) && !(url.href.includes("#") && link_url === here())))
      send({ kind: "link_click", url: here(), link_url, link_kind });
  }

  const mark = (element) => control.open("custom", (custom) => custom.mark(element));

  // A click that a script makes counts, too: menus and cards pass on the visitor's.
  function acted(event) {
    const find = (selector) => event.composedPath().find((node) => node.matches?.(selector));
    if (event.button > 1 || find("[id^=askfirst],[data-askfirst-show]")) return;
    if (event.type === "submit") return submitted(event.target, event.submitter);
    const link = find(":any-link");
    const marked = find(`${MARKED}:not(form)`);
    if (marked && (link || event.type === "click")) mark(marked);
    if (link) follow(link);
  }

  // A form that only closes its dialog sends nothing. Fields may be called `id`, `name` or `method`.
  function submitted(form, button) {
    const read = (name) => form.getAttribute(name) ?? "";
    if ((button?.getAttribute("formmethod") ?? read("method")) === "dialog") return;
    if (form.matches(MARKED)) mark(form);
    send({ kind: "form_submit", url: here(), form: read("id") || read("name") });
  }

  function leave(forGood) {
    report();
    askfirst.vitals?.report();
    events.leave(forGood);
  }

  function listen() {
    for (const name of ["pushState", "replaceState"]) {
      const original = history[name];
      history[name] = (...given) => {
        original.apply(history, given);
        moved();
      };
    }
    const on = (names, act) => names.split(" ").forEach((name) => addEventListener(name, act, true));
    window.navigation?.addEventListener?.("currententrychange", moved);
    on("popstate", moved);
    on("click auxclick submit", acted);
    on("scroll keydown pointerdown focus blur", look);
    on("visibilitychange", (event) => (document.hidden ? leave() : look(event)));
    on("pagehide", () => leave((left = views.last || true)));
    on("pageshow", ({ persisted }) => persisted && left.url && next(left.referrer));
    document.addEventListener("askfirst:choice", reset);
  }

  function begin() {
    if (late) {
      views.noted.length = 0;
      views.note(views.first());
    }
    const [view] = views.noted;
    control.open("vitals", (vitals) => vitals.start(view));
    events.begin();
    used = Date.now();
    reset();
    listen();
    moved();
    if (document.querySelector(MARKED)) control.open("custom");
  }

  // A page counts once it can be seen: not in a tab behind others, nor in a frame that never shows.
  function whenSeen() {
    if (!choice.token("statistics"))
      return document.addEventListener("askfirst:choice", whenSeen, { once: true });
    if (views.seen || (!document.hidden && self === top)) return begin();
    late = true;
    views.noted.length = 0;
    if (document.hidden) return addEventListener("visibilitychange", whenSeen, { once: true });
    new IntersectionObserver(([entry], frames) => {
      if (!entry.isIntersecting) return;
      frames.disconnect();
      views.seen = true;
      whenSeen();
    }).observe(document.documentElement);
  }

  askfirst.tracker = true;
  whenSeen();
})();
