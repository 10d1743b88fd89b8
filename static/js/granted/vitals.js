// The Core Web Vitals of a load, as https://web.dev/articles/vitals defines them. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.vitals) return;

  const { events } = askfirst;
  const [load] = performance.getEntriesByType("navigation");
  const activated = load?.activationStart ?? 0; // when a prerendered page was shown
  const slow = new Map(); // the longest duration of each interaction, in milliseconds
  let view; // the first of the load, until its vitals are sent
  let since; // when it was noted, on the clock of the entries
  let hidden = Infinity; // when the page was first hidden: what is painted later is no loading
  let lcp_ms;
  let cls = window.LayoutShift && 0; // where the browser knows layout shifts
  let windowed; // the layout shifts of at most five seconds, with less than one between two of them

  const passed = (time) => Math.max(Math.round(time - activated), 0);

  function changed({ name, startTime }) {
    if (name === "hidden" && startTime >= activated) hidden = Math.min(hidden, startTime);
  }

  function painted({ startTime }) {
    if (startTime < hidden) lcp_ms = passed(startTime);
  }

  function shifted({ hadRecentInput, startTime, value }) {
    if (hadRecentInput) return;
    const joins = windowed && startTime - windowed.last < 1e3 && startTime - windowed.first < 5e3;
    if (!joins) windowed = { first: startTime, sum: 0 };
    windowed.last = startTime;
    windowed.sum += value;
    cls = Math.max(cls, windowed.sum);
  }

  // What was done before the yes is not measured.
  function interacted({ interactionId: id, startTime, duration }) {
    if (id && startTime >= since) slow.set(id, Math.max(slow.get(id) ?? 0, duration));
  }

  const KINDS = {
    "visibility-state": changed,
    "largest-contentful-paint": painted,
    "layout-shift": shifted,
    event: interacted,
    "first-input": interacted,
  };
  const measure = (entry) => KINDS[entry.entryType](entry);
  const observer = window.PerformanceObserver && new PerformanceObserver((list) => list.getEntries().forEach(measure));

  // Browsers know different kinds of entries, and old ones none.
  function start(first) {
    view = first;
    since = performance.now() - (Date.now() - view.at); // the page's own clock may have been set since the load
    const known = window.PerformanceObserver?.supportedEntryTypes ?? [];
    for (const type in KINDS)
      if (known.includes(type)) observer.observe({ type, buffered: true, durationThreshold: 16 });
    document.addEventListener("askfirst:choice", stop);
  }

  // Returns the worst interaction, but for one of every fifty.
  function worst() {
    const durations = [...slow.values()].sort((one, other) => other - one);
    return durations[Math.floor(durations.length / 50)];
  }

  // Once, when the page is first hidden.
  function report() {
    if (!view) return;
    observer?.takeRecords().forEach(measure);
    const inp_ms = worst();
    const ttfb_ms = load?.responseStart ? passed(load.responseStart) : undefined;
    const found = { lcp_ms, inp_ms, cls: cls === undefined ? cls : Math.round(cls * 1e3), ttfb_ms };
    if (Object.values(found).some((it) => it !== undefined))
      events.event({ kind: "web_vitals", url: view.url, ...found });
    stop();
  }

  function stop() {
    view = undefined;
    observer?.disconnect();
  }

  askfirst.vitals = { start, report };
})();
