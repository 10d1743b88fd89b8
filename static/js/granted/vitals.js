// The Core Web Vitals of a load, as https://web.dev/articles/vitals defines them. Loads after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.vitals) return;

  const { load } = askfirst.reading;
  const { record } = askfirst.events;
  const activated = load.activationStart || 0; // when a prerendered page was shown
  const slow = {}; // the longest duration of each interaction, in milliseconds
  let view; // the first of the load, until its vitals are sent
  let noticed; // when it was noted, on the clock of the entries
  let before; // how many interactions there were by then, where the browser counts them
  let hidden = document.hidden ? 0 : Infinity; // when the page was first hidden: what is painted later is no loading
  let lcp_ms;
  let cls = window.LayoutShift && 0; // in thousandths, where the browser knows layout shifts
  let sum; // of the layout shifts of at most five seconds, with less than one between two of them
  let firstShift;
  let lastShift;

  const passed = (time) => Math.max(Math.round(time - activated), 0); // NaN, in JSON null, of what is not known

  const KINDS = {
    "visibility-state": ({ name, startTime }) => {
      if (name === "hidden" && startTime >= activated) hidden = Math.min(hidden, startTime);
    },
    "largest-contentful-paint": ({ startTime }) => {
      if (startTime < hidden) lcp_ms = passed(startTime);
    },
    "layout-shift": ({ hadRecentInput, startTime, value }) => {
      if (hadRecentInput) return;
      if (!(startTime - lastShift < 1e3 && startTime - firstShift < 5e3)) {
        firstShift = startTime;
        sum = 0;
      }
      lastShift = startTime;
      cls = Math.max(cls, (sum += value * 1e3));
    },
    event: interacted,
    "first-input": interacted,
  };
  const measure = (entry) => KINDS[entry.entryType](entry);
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(measure));

  // What was done before the yes is not measured.
  function interacted({ interactionId: id, startTime, duration }) {
    if (id && startTime >= noticed) slow[id] = Math.max(slow[id] || 0, duration);
  }

  // Browsers know different kinds of entries.
  function startVitals(first) {
    view = first;
    before = performance.interactionCount;
    noticed = performance.now() - (Date.now() - view.at); // the page's own clock may have been set since the load
    for (const type of PerformanceObserver.supportedEntryTypes)
      if (KINDS[type]) observer.observe({ type, buffered: true, durationThreshold: 16 });
  }

  // Once, when the page is first hidden. Of every fifty interactions the worst is left out; quick ones have no
  // entry, and count where the browser counts them.
  function reportVitals() {
    if (!view || !load) return;
    observer.takeRecords().forEach(measure);
    const durations = Object.values(slow).sort((one, other) => other - one);
    const all = performance.interactionCount - before || durations.length;
    const inp_ms = durations[Math.min((all / 50) | 0, durations.length - 1)];
    const ttfb_ms = passed(load.responseStart || undefined);
    record({ kind: "web_vitals", url: view.url, lcp_ms, inp_ms, cls: Math.round(cls), ttfb_ms });
    stopVitals();
  }

  function stopVitals() {
    view = 0;
    observer.disconnect();
  }

  askfirst.vitals = { startVitals, reportVitals, stopVitals };
})();
