// The page views: noted from a yes on, and handed to what sends them once that is there.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice, control, send } = askfirst;
  const { site } = choice.script.dataset;
  const granted = () => choice.token("statistics");
  const noted = []; // what sends it puts itself into the place of `push`

  let last; // the view last noted under the present yes

  // A web address without fragment, name and password, of the length that is taken, else nothing.
  function clean(address) {
    try {
      const url = new URL(address);
      url.username = url.password = url.hash = "";
      return url.href.slice(0, 2048);
    } catch {
      return "";
    }
  }

  const here = () => clean(location);

  // What the first event of this visit would be.
  const first = () => ({ kind: "page_view", url: here(), referrer: clean(document.referrer) });

  // A random id of 110 bits, and when it happened.
  function draft(fields) {
    const random = crypto.getRandomValues(new Uint8Array(22));
    const id = random.reduce((text, byte) => text + (byte % 32).toString(32), "");
    return { id, ...fields, at: Date.now() };
  }

  // What goes to the server; without a token it is an example, and nobody's.
  function bodyOf(events, token) {
    const aged = ({ at, ...fields }) => ({ ...fields, age: Math.max(Date.now() - at, 0) });
    return { site, token, events: events.map(aged) };
  }

  const note = (view) => granted() && noted.push(draft((last = view)));

  function forget() {
    last = "";
    noted.length = 0;
  }

  // Whoever leaves before the sender is there loses no view. Where the page stays it is sent again
  // under the same id, which the server knows.
  addEventListener("visibilitychange", () => {
    if (document.hidden && noted[0] && granted()) send.request("event", bodyOf(noted, granted()));
  });

  // Where the sender does not load nothing is recorded.
  document.addEventListener("askfirst:choice", () => {
    if (!granted()) return forget();
    if (!last) note(first());
    control.open("granted").then(() => askfirst.events || forget());
  });

  askfirst.views = { clean, here, first, draft, bodyOf, note, noted, last: () => last };
})();
