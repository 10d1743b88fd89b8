// What happened on the page, once there is a yes: page views, moves in the history, link clicks.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.tracker) return;

  const DOWNLOAD =
    /\.(7z|apk|csv|deb|dmg|docx?|epub|exe|iso|mp[34]|msi|od[pst]|pdf|pptx?|[rt]ar|rpm|t?gz|xlsx?|zip)$/i;
  const OURS = "[id^=askfirst],[data-askfirst-show]";
  const LONGEST = 2048;

  let seen = ""; // the page last counted under the present yes
  let before = ""; // the page that led to it

  // A web address without fragment, name and password, else nothing.
  function clean(address) {
    try {
      const url = new URL(address);
      url.username = url.password = url.hash = "";
      return url.href.slice(0, LONGEST);
    } catch {
      return "";
    }
  }

  const here = () => clean(location);

  const viewed = (referrer) => ({ kind: "page_view", url: here(), referrer });

  // What the first event of this visit would be.
  const first = () => viewed(clean(document.referrer));

  function view(fields) {
    if (!askfirst.send.event(fields)) return;
    seen = fields.url;
    before = fields.referrer;
  }

  const moved = () => seen && seen !== here() && view(viewed(seen));

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
    askfirst.send.event({ kind: "link_click", url: here(), link_url, link_kind: kindOf(link) });
  }

  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = (...given) => {
      original.apply(history, given);
      moved();
    };
  }

  addEventListener("popstate", moved);
  addEventListener("pageshow", ({ persisted }) => persisted && seen && view(viewed(before)));
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);

  document.addEventListener("askfirst:choice", ({ detail }) => {
    if (detail.choice !== "granted") seen = "";
    else if (!seen) view(first());
  });

  askfirst.tracker = { first };
})();
