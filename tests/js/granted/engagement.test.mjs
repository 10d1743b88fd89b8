// Engagement: the time that a page is visible and focused, how deep it is read, and what is sent of both.

import assert from "node:assert/strict";
import { test } from "node:test";

import { open, openGranted, quiet } from "../world.mjs";

const SECOND = 1_000;
const MINUTE = 60_000;
const LONG = { height: 4_000, seen: 1_000 };

const engagement = (page) => page.events.filter(({ kind }) => kind === "engagement");
const total = (page) => engagement(page).reduce((sum, { engaged_ms }) => sum + engaged_ms, 0);
const views = (page) => page.events.filter(({ kind }) => kind === "page_view");

function scrollTo(page, top) {
  page.window.scrollY = top;
  page.window.dispatchEvent(new page.window.Event("scroll"));
}

function act(page, type, given) {
  page.window.dispatchEvent(Object.assign(new page.window.Event(type), given));
}

function focus(page, focused) {
  page.focused = focused;
  page.window.dispatchEvent(new page.window.Event(focused ? "focus" : "blur"));
}

test("a single page that is read for six minutes and left is six minutes, not zero", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(6 * MINUTE);
  await page.leave();

  assert.equal(total(page), 6 * MINUTE);
  assert.equal(views(page).length, 1);
});

test("only the time counts in which the page is visible and has the focus", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(MINUTE);
  focus(page, false);
  await page.clock.advance(MINUTE);
  focus(page, true);
  await page.clock.advance(MINUTE);
  await page.hide();
  await page.clock.advance(MINUTE);
  await page.show();
  await page.clock.advance(MINUTE);
  await page.leave();

  assert.equal(total(page), 3 * MINUTE);
});

test("a window that loses the focus without an event, as a frame in it had it, counts a few seconds more", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(MINUTE);
  page.focused = false;
  await page.clock.advance(20 * MINUTE);
  await page.leave();

  assert.ok(total(page) <= MINUTE + 5_000, `${total(page)}`);
});

test("who reads on is told of every ten minutes, so that the visit does not end by silence", async () => {
  const page = await openGranted(LONG);
  for (let minute = 0; minute < 45; minute += 1) {
    await page.clock.advance(MINUTE);
    act(page, "wheel");
  }

  assert.equal(engagement(page).length, 4);
  assert.ok(engagement(page).every(({ engaged_ms }) => engaged_ms >= 10 * MINUTE));
});

test("of a page that nobody touches half an hour counts at most", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(600 * MINUTE);
  await page.leave();

  assert.equal(total(page), 30 * MINUTE);
});

test("how deep the page was seen is told once, as a step from what was told before", async () => {
  const page = await openGranted(LONG);
  scrollTo(page, 1_000);
  await page.clock.advance(SECOND);
  scrollTo(page, 0);
  await page.hide();
  await page.show();
  scrollTo(page, 3_000);
  await page.clock.advance(SECOND);
  await page.leave();

  assert.deepEqual(
    engagement(page).map(({ scroll_from, scroll }) => [scroll_from, scroll]),
    [
      [0, 50],
      [50, 100],
    ],
  );
});

test("what is not in sight for a second is not seen", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(SECOND);
  scrollTo(page, 3_000);
  await page.clock.advance(SECOND - 1);
  scrollTo(page, 1_000);
  await page.clock.advance(SECOND - 1);
  await page.leave();

  assert.deepEqual(engagement(page).map(({ scroll }) => scroll), [25]);
});

test("a view that is left within a second is read to no part of it", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(SECOND - 1);
  await page.leave();

  assert.deepEqual(engagement(page).map(({ scroll }) => scroll), [0]);
});

test("a view of an application does not inherit where the page before was scrolled to", async () => {
  const page = await openGranted(LONG);
  scrollTo(page, 3_000);
  await page.clock.advance(MINUTE);
  page.window.history.pushState(null, "", "/second");
  focus(page, false); // the link that was followed is gone
  focus(page, true);
  page.options.height = 1_000; // an empty page, until the next one is drawn
  await page.clock.advance(SECOND - 1);
  page.options.height = 8_000;
  scrollTo(page, 0);
  await page.clock.advance(MINUTE);
  page.options.height = 1_000;
  page.window.history.pushState(null, "", "/third");
  await page.leave();

  assert.deepEqual(
    engagement(page).map(({ url, scroll }) => [url.split("?")[0].split("/").pop(), scroll]),
    [
      ["start", 100],
      ["second", 13],
    ],
  );
});

test("a page that grows while it is drawn is read as far as it was seen of the whole", async () => {
  const page = await openGranted({ ...LONG, height: 1_000 });
  await page.clock.advance(2 * SECOND);
  page.options.height = 5_000;
  await page.clock.advance(MINUTE);
  await page.leave();

  assert.deepEqual(engagement(page).map(({ scroll }) => scroll), [20]);
});

test("a page that is left and hidden at once tells the same only once", async () => {
  const page = await openGranted(LONG);
  await page.clock.advance(MINUTE);
  page.window.dispatchEvent(new page.window.PageTransitionEvent("pagehide"));
  await page.clock.advance(3);
  await page.hide();

  assert.deepEqual(engagement(page).map(({ engaged_ms }) => engaged_ms), [MINUTE]);
});

test("each view has its own time and depth, also within an application", async () => {
  const page = await openGranted(LONG);
  scrollTo(page, 3_000);
  await page.clock.advance(MINUTE);
  page.window.history.pushState(null, "", "/second");
  scrollTo(page, 0);
  await page.clock.advance(2 * MINUTE);
  await page.leave();

  assert.deepEqual(
    page.events.map(({ kind, url, engaged_ms, scroll }) => [kind, url.split("?")[0].slice(-6), engaged_ms, scroll]),
    [
      ["page_view", "/start", undefined, undefined],
      ["engagement", "/start", MINUTE, 100],
      ["page_view", "second", undefined, undefined],
      ["engagement", "second", 2 * MINUTE, 25],
    ],
  );
});

for (const [name, again] of Object.entries({
  "is scrolled": (page) => act(page, "wheel"),
  "is touched": (page) => act(page, "pointerdown"),
  "gets a key": (page) => act(page, "keydown", { key: "PageDown" }),
  "gets the focus": (page) => focus(page, true),
  "is looked at": (page) => page.show(),
})) {
  test(`a page that ${name} after half an hour is seen again, from itself`, async () => {
    const page = await openGranted(LONG);
    await page.clock.advance(29 * MINUTE);
    await again(page);
    await page.clock.advance(31 * MINUTE);
    await again(page);
    await page.clock.advance(MINUTE);

    assert.deepEqual(
      views(page).map(({ url, referrer }) => [url, referrer]),
      [
        ["https://www.example.org/start?from=mail", ""],
        ["https://www.example.org/start?from=mail", "https://www.example.org/start?from=mail"],
      ],
    );
  });
}

const comesBack = (page) =>
  page.window.dispatchEvent(new page.window.PageTransitionEvent("pageshow", { persisted: true }));

// Browsers fire `visibilitychange` and `pageshow` in either order.
for (const first of ["looked at", "shown"]) {
  test(`a page that comes back from the browser's memory after an hour is one view more, first ${first}`, async () => {
    const page = await openGranted(LONG);
    await page.clock.advance(MINUTE);
    await page.leave(true);
    await page.clock.advance(60 * MINUTE);
    if (first === "shown") comesBack(page);
    await page.show();
    if (first !== "shown") comesBack(page);
    act(page, "pointerdown");
    await page.clock.advance(MINUTE);
    await page.leave();

    assert.equal(views(page).length, 2);
    assert.equal(total(page), 2 * MINUTE);
  });
}

for (const [name, again] of Object.entries({
  "is switched away from": (page) => page.hide(),
  "loses the focus": (page) => focus(page, false),
  "is left": (page) => page.leave(),
  "gets the key of a command": (page) => act(page, "keydown", { key: "Control" }),
  "scrolls by itself": (page) => scrollTo(page, 10),
  "puts the focus somewhere": (page) => page.find("#in").focus(),
})) {
  test(`a page that ${name} after half an hour is not seen again by that`, async () => {
    const page = await openGranted(LONG);
    await page.clock.advance(40 * MINUTE);
    await again(page);
    await page.clock.advance(MINUTE);

    assert.equal(views(page).length, 1);
    assert.equal(total(page) % (10 * MINUTE), 0);
  });
}

test("a page that moves by itself is not read for more than half an hour", async () => {
  const page = await openGranted(LONG);
  for (let minute = 0; minute < 60; minute += 1) {
    await page.clock.advance(MINUTE);
    scrollTo(page, minute);
    page.find("#in").blur();
    page.find("#in").focus();
  }
  await page.leave();

  assert.equal(total(page), 30 * MINUTE);
});

test("a script that focuses something in a hidden tab begins no view, and the next look at it does", async () => {
  const page = await openGranted(LONG);
  await page.hide();
  await page.clock.advance(40 * MINUTE);
  focus(page, true);
  await page.clock.advance(MINUTE);
  assert.equal(views(page).length, 1);
  page.focused = false; // a window is shown before it has the focus
  await page.show();
  focus(page, true);
  await page.clock.advance(MINUTE);

  assert.equal(views(page).length, 2);
});

test("a page without a height is read to no part of it", async () => {
  const page = await openGranted({ height: 0, seen: 0, prepare: () => {} });
  page.focused = true;
  act(page, "wheel");
  await page.clock.advance(MINUTE);
  await page.leave();

  assert.deepEqual(engagement(page).map(({ engaged_ms, scroll }) => [engaged_ms, scroll]), [[MINUTE, 0]]);
});

test("law 1: what was read before the yes, or after a withdrawal, is never told", async () => {
  const page = await open({ ...LONG, active: true });
  await page.clock.advance(5 * MINUTE);
  await page.click("accept");
  await page.clock.advance(MINUTE);
  await page.click("withdraw");
  await page.clock.advance(5 * MINUTE);
  await page.window.askfirst.consent.set({ statistics: true });
  await page.clock.advance(2 * MINUTE);
  await page.leave();
  await quiet();

  assert.deepEqual(engagement(page).map(({ engaged_ms }) => engaged_ms), [2 * MINUTE]);
});
