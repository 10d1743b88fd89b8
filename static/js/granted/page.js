// What a page and its browser say of themselves, and the body of a request. Loads after a yes, and with the
// preferences, which show it as an example.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.events) return;

  const { control, views } = askfirst;
  const { site, status } = control.dataset;
  const [load = 0] = performance.getEntriesByType("navigation");

  let canonical = ""; // of the last view

  // Returns an address in parts, as a link has them.
  const linkTo = (href) => Object.assign(document.createElement("a"), { href });

  // Returns what the page says by now. The status is that of the load, for its first view. An application
  // may leave the canonical address of an earlier view behind: it counts again once it changes.
  function about(url, first) {
    const link = document.querySelector("link[rel=canonical]");
    const before = canonical;
    canonical = link ? views.addressOf(linkTo(link.href)) : "";
    return {
      title: document.title.slice(0, 300),
      canonical: [before, url].includes(canonical) ? undefined : canonical,
      status: (first && +/^[1-5]\d\d$/.exec(status || load.responseStatus)) || undefined,
    };
  }

  // Returns the body for the server; without a token it is the example that the preferences show.
  function bodyOf(batch, token) {
    const { maxTouchPoints: touch, webdriver } = navigator;
    const { width, height } = screen;
    return {
      site,
      token,
      screen: width * height ? `${width}x${height}` : undefined,
      touch,
      webdriver,
      events: batch.map(views.aged),
    };
  }

  askfirst.page = { about, bodyOf };
  askfirst.reading = { load, linkTo };
})();
