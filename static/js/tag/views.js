// The page views: noted once there is a yes, and sent by `granted.js` when it is there. Loads on every page.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice, control, send } = askfirst;
  const { site } = choice.script.dataset;
  const granted = () => choice.token("statistics");
  const noted = []; // `events.js` replaces its `push` and takes what it holds

  let last; // the last view noted under the present yes

  // Returns an address without fragment, user name and password, cut to what the server takes, or "".
  function clean(address) {
    try {
      const url = new URL(address);
      url.hash = url.username = url.password = "";
      return url.href.slice(0, 2048);
    } catch {
      return "";
    }
  }

  const here = () => clean(location);

  // The first event of this visit, whether or not it is sent.
  const first = () => ({ kind: "page_view", url: here(), referrer: clean(document.referrer) });

  // Adds a random id of 110 bits and the time.
  function draft(fields) {
    const random = crypto.getRandomValues(new Uint8Array(22));
    const id = random.reduce((text, byte) => text + (byte % 32).toString(32), "");
    return { id, ...fields, at: Date.now() };
  }

  // Builds the body for the server; without a token it is the example that the preferences show.
  function bodyOf(events, token) {
    const aged = ({ at, ...fields }) => ({ ...fields, age: Math.max(Date.now() - at, 0) });
    return { site, token, events: events.map(aged) };
  }

  function note(view) {
    if (granted()) {
      last = view;
      noted.push(draft(view));
    }
  }

  function forget() {
    last = "";
    noted.length = 0;
  }

  // A page that is left before `granted.js` is there loses no view. Where the page stays, the view is
  // sent again with the same id, which the server stores once.
  addEventListener("visibilitychange", () => {
    if (document.hidden && noted[0] && granted()) send.request("event", bodyOf(noted, granted()));
  });

  // Where `granted.js` does not load, nothing is recorded.
  document.addEventListener("askfirst:choice", () => {
    if (!granted()) return forget();
    if (!last) note(first());
    control.open("granted").then(() => askfirst.events || forget());
  });

  askfirst.views = { last: () => last, noted, note, clean, bodyOf, here, draft, first };
})();
