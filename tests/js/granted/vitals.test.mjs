// The Core Web Vitals, computed from the entries that a browser would give (https://web.dev/articles/vitals).

import assert from "node:assert/strict";
import { test } from "node:test";

import { open, openGranted, tokenOf } from "../world.mjs";

const ALL = ["visibility-state", "largest-contentful-paint", "layout-shift", "event", "first-input"];

/** A browser that has these entries, by their kind, and knows these kinds. */
function browser({ entries = {}, known = ALL, load = { responseStart: 120.4 } }) {
  const given = { pending: [] };
  const prepare = (window) => {
    window.performance.getEntriesByType = () => (load ? [load] : []);
    if (known.includes("layout-shift")) window.LayoutShift = class {};
    given.window = window;
    window.PerformanceObserver = class {
      static supportedEntryTypes = known;
      constructor(act) {
        given.deliver = (list) => act({ getEntries: () => list });
      }
      observe({ type, buffered }) {
        assert.ok(known.includes(type) && buffered);
        given.measures = true;
        const found = (entries[type] ?? []).map((one) => ({ entryType: type, ...one }));
        if (found.length) this.constructor.later(() => given.deliver(found));
      }
      static later = (act) => Promise.resolve().then(act);
      takeRecords = () => given.pending.splice(0);
      disconnect() {
        given.measures = false;
      }
    };
  };
  return { prepare, given };
}

const vitals = (page) =>
  page.events.filter(({ kind }) => kind === "web_vitals").map(({ lcp_ms, inp_ms, cls, ttfb_ms }) => ({ lcp_ms, inp_ms, cls, ttfb_ms }));

/** Return the vitals that a page sends, once, when it is hidden. */
async function measured(options, act = () => {}) {
  const { prepare, given } = browser(options);
  const page = await openGranted({ prepare });
  act(given, page);
  await page.hide();
  await page.show();
  await page.leave();

  const found = vitals(page);
  assert.ok(found.length <= 1);
  return found[0];
}

test("a load without a shift or an act has its painting and its first byte", async () => {
  const entries = { "largest-contentful-paint": [{ startTime: 800.2 }, { startTime: 1840.6 }] };

  assert.deepEqual(await measured({ entries }), { lcp_ms: 1841, inp_ms: undefined, cls: 0, ttfb_ms: 120 });
});

test("times of a prerendered page count from when it was shown", async () => {
  const entries = {
    "visibility-state": [{ name: "hidden", startTime: 0 }],
    "largest-contentful-paint": [{ startTime: 900 }],
  };
  const load = { responseStart: 120, activationStart: 1000 };
  assert.deepEqual(await measured({ entries, load }), { lcp_ms: 0, inp_ms: undefined, cls: 0, ttfb_ms: 0 });
});

test("what is painted after the page was hidden is no loading", async () => {
  const entries = {
    "visibility-state": [{ name: "visible", startTime: 0 }, { name: "hidden", startTime: 1000 }],
    "largest-contentful-paint": [{ startTime: 900 }, { startTime: 60_000 }],
  };
  assert.equal((await measured({ entries })).lcp_ms, 900);
});

const shift = (startTime, value, hadRecentInput = false) => ({ startTime, value, hadRecentInput });

test("layout shifts count by their worst window, without those that follow an act", async () => {
  const cases = [
    [[shift(100, 0.05), shift(1050, 0.05)], 100],
    [[shift(100, 0.05), shift(1100, 0.06)], 60], // a second between them ends the window
    [[0, 900, 1800, 2700, 3600, 4500, 5400].map((time) => shift(time, 0.01)), 60], // and so do five seconds
    [[shift(0, 0.2), shift(5000, 0.01)], 200],
    [[shift(0, 0.2, true), shift(10, 0.0004)], 0],
  ];
  for (const [list, cls] of cases)
    assert.equal((await measured({ entries: { "layout-shift": list } })).cls, cls);
});

const act = (interactionId, duration, startTime = 1e9) => ({ interactionId, duration, startTime });

test("the worst interaction counts by its longest event, and one of every fifty is left out", async () => {
  const few = [act(1, 40), act(1, 96), act(1, 16), act(8, 56), act(0, 900)];
  const hundred = Array.from({ length: 100 }, (_, n) => act(n + 1, n + 1));

  assert.equal((await measured({ entries: { event: few } })).inp_ms, 96);
  assert.equal((await measured({ entries: { event: hundred.slice(0, 49) } })).inp_ms, 49);
  assert.equal((await measured({ entries: { event: hundred } })).inp_ms, 98);
});

test("quick interactions count among the fifty, where the browser counts those that have no entry", async () => {
  const { prepare } = browser({ entries: { event: [act(1, 400), act(2, 300), act(3, 200), act(4, 100)] } });
  const counted = (count) => (window) => prepare(window) ?? (window.performance.interactionCount = count);
  const found = [];
  for (const more of [0, 49, 50, 149, 1000]) {
    const page = await openGranted({ prepare: counted(7) }); // seven were before the yes
    page.window.performance.interactionCount += more;
    await page.leave();
    found.push(vitals(page)[0].inp_ms);
  }
  assert.deepEqual(found, [400, 400, 300, 200, 100]);
});

test("a page that opens behind others has no painting, also where the browser does not say when it was hidden", async () => {
  const entries = { "largest-contentful-paint": [{ startTime: 60_000 }] };
  const { prepare } = browser({ entries, known: ["largest-contentful-paint"] });
  const hidden = (window) => Object.defineProperty(window.document, "hidden", { value: true, configurable: true });
  const page = await openGranted({ prepare: (window) => prepare(window) ?? hidden(window) });
  await page.show();
  await page.leave();

  assert.equal(vitals(page)[0].lcp_ms, undefined);
});

test("law 1: what was done before the yes is no interaction", async () => {
  assert.equal((await measured({ entries: { event: [act(1, 400, -1e9)] } })).inp_ms, undefined);
});

test("what the browser has not delivered yet when the page is hidden counts", async () => {
  const last = (given) => given.pending.push({ entryType: "event", ...act(1, 200) });

  assert.equal((await measured({}, last)).inp_ms, 200);
});

test("a browser that knows some of the entries tells only those, and one that knows none nothing", async () => {
  const entries = { event: [act(1, 40)] };

  assert.deepEqual(await measured({ entries, known: ["event"] }), {
    lcp_ms: undefined, inp_ms: 40, cls: null, ttfb_ms: 120,
  });
  assert.equal(await measured({ known: [], load: null }), undefined);
  const page = await openGranted();
  await page.leave();
  assert.deepEqual(vitals(page), []);
  assert.deepEqual(page.errors, []);
});

test("the vitals belong to the first view of the load, and to no later one", async () => {
  const { prepare } = browser({});
  const page = await openGranted({ prepare });
  page.window.history.pushState(null, "", "/second");
  await page.leave(true);
  page.window.dispatchEvent(new page.window.PageTransitionEvent("pageshow", { persisted: true }));
  await page.show();
  await page.leave();

  const found = page.events.filter(({ kind }) => kind === "web_vitals");
  assert.deepEqual(found.map(({ url }) => url), ["https://www.example.org/start?from=mail"]);
});

test("law 5: after another choice no vitals are told of this load", async () => {
  const { prepare } = browser({});
  const page = await open({ prepare, active: true });
  await page.click("accept");
  await page.click("withdraw");
  await page.window.askfirst.consent.set({ statistics: true });
  await page.leave();

  assert.deepEqual(vitals(page), []);
});

test("law 5: another yes for the same, given in another window, ends what was measured under the first", async () => {
  const { prepare } = browser({});
  const page = await openGranted({ prepare });
  const other = tokenOf({ c: "other", u: page.clock.now + 1e9 });
  page.jar.setCookieSync(`askfirst_k1=${other}; Path=/`, page.window.location.href);
  await page.lookAgain();
  await page.leave();

  assert.equal(page.choices.length, 2);
  assert.deepEqual(vitals(page), []);
});

test("law 5: after a withdrawal nothing is measured any more", async () => {
  const { prepare, given } = browser({});
  const page = await openGranted({ prepare });
  assert.equal(given.measures, true);
  await page.click("withdraw");

  assert.equal(given.measures, false);
});

test("an interaction after the yes counts though the computer's clock was set back since the load", async () => {
  const later = (window) => Object.defineProperty(window.performance, "timeOrigin", { value: -1e12 });
  const { prepare } = browser({ entries: { event: [act(1, 400)] } });
  const page = await openGranted({ prepare: (window) => prepare(window) ?? later(window) });
  await page.leave();

  assert.equal(vitals(page)[0].inp_ms, 400);
});
