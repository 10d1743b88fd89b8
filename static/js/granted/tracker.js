// What happens on a page after a yes: navigation within it, and link clicks. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.tracker) return;

  const DOWNLOAD =
    /\.(7z|apk|csv|deb|dmg|docx?|epub|exe|iso|mp[34]|msi|od[pst]|pdf|pptx?|[rt]ar|rpm|t?gz|xlsx?|zip)$/i;
  const OURS = "[id^=askfirst],[data-askfirst-show]";
  const { here, clean, last, note } = askfirst.views;
  const { event: send } = askfirst.events;

  let left; // the last view before the page went into the back/forward cache

  // Another query is the same page, filtered or without its campaign.
  const page = (url) => url.split("?")[0];

  function moved() {
    const before = last();
    if (before && page(before.url) !== page(here())) note({ ...before, url: here(), referrer: before.url });
  }

  function kindOf(link) {
    if (link.hasAttribute("download") || DOWNLOAD.test(link.pathname)) return "download";
    return link.host === location.host ? "internal" : "outbound";
  }

  function clicked(event) {
    const link = event.composedPath().find((node) => node.matches?.(":any-link"));
    if (!link || event.button > 1 || link.closest(OURS)) return;
    const link_url = clean(link);
    const stays = link_url === here() && link.href.includes("#");
    if (stays || !/^https?:/.test(link_url)) return;
    send({ kind: "link_click", url: here(), link_url, link_kind: kindOf(link) });
  }

  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = (...given) => {
      original.apply(history, given);
      moved();
    };
  }

  addEventListener("pagehide", () => (left = last()));
  addEventListener("pageshow", ({ persisted }) => persisted && left && note({ ...left, url: here() }));
  addEventListener("popstate", moved);
  window.navigation?.addEventListener?.("currententrychange", moved);
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);

  askfirst.tracker = true;
  moved();
})();
