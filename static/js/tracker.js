// What happens on the page once there is a yes: moves in the history, and link clicks.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.tracker) return;

  const DOWNLOAD =
    /\.(7z|apk|csv|deb|dmg|docx?|epub|exe|iso|mp[34]|msi|od[pst]|pdf|pptx?|[rt]ar|rpm|t?gz|xlsx?|zip)$/i;
  const OURS = "[id^=askfirst],[data-askfirst-show]";
  const { here, clean, moved } = askfirst.views;
  const { event: send } = askfirst.events;

  function kindOf(link) {
    const file = link.hasAttribute("download") || DOWNLOAD.test(link.pathname);
    return file ? "download" : link.host === location.host ? "internal" : "outbound";
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

  addEventListener("popstate", moved);
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);

  askfirst.tracker = true;
  moved();
})();
