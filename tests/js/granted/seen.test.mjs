// When a page counts: once somebody can see it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SOURCES, assertSent, open, openGranted, quiet, tokenOf } from "../world.mjs";

const hidden = (window) => Object.defineProperty(window.document, "hidden", { value: true, configurable: true });

/** Give the page a frame's place, and a browser that tells when the frame is in sight. */
function framed(sights) {
  return (window) => {
    Object.defineProperty(window, "self", { value: {} });
    window.IntersectionObserver = class {
      constructor(act) {
        sights.push((isIntersecting) => act([{ isIntersecting }], this));
      }
      observe() {}
      disconnect() {
        sights.push("disconnected");
      }
    };
  };
}

test("a tab that opens behind others counts when it is first looked at, from then", async () => {
  const page = await openGranted({ prepare: hidden });
  await page.clock.advance(3_600_000);
  await assertSent(page, { expected: [] });
  await page.show();
  await page.hide();
  await page.show();

  await assertSent(page, { expected: [{ kind: "page_view", age: 0 }] });
});

test("a tab that is closed without having been looked at does not count", async () => {
  const page = await openGranted({ prepare: hidden });
  await page.leave();

  await assertSent(page, { expected: [] });
});

test("a frame counts when it is first in sight, and one that never is does not count", async () => {
  const sights = [];
  const page = await openGranted({ prepare: framed(sights) });
  sights[0](false);
  page.window.history.pushState(null, "", "/second");
  await page.click(page.find("#in"));
  await assertSent(page, { expected: [] });
  sights[0](true);

  await assertSent(page, { expected: [{ kind: "page_view", url: "https://www.example.org/second" }] });
  assert.deepEqual(sights.slice(1), ["disconnected"]);
});

test("law 5: a frame that comes in sight after a withdrawal sends nothing", async () => {
  const sights = [];
  const page = await openGranted({ prepare: framed(sights) });
  await page.click("withdraw");
  sights[0](true);
  await page.leave();

  await assertSent(page, { expected: [] });
});

test("law 5: a frame that comes in sight after a no counts from the next yes, once", async () => {
  const sights = [];
  const page = await openGranted({ prepare: framed(sights), active: true });
  await page.click("withdraw");
  sights[0](true);
  await quiet();
  assert.ok(!page.loaded.includes("past.js"), "it begins to look what happens");
  await page.click(page.find("#in"));
  await page.window.askfirst.consent.set({ statistics: true });
  await quiet();

  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("law 1: the sender that loads before a yes listens to nothing, and begins with the yes", SOURCES, async () => {
  const page = await open({ active: true });
  await page.window.askfirst.control.open("granted");
  page.window.history.pushState(null, "", "/second");
  await page.click(page.find("#in"));
  await page.hide();
  await page.show();
  await assertSent(page, { expected: [] });
  assert.deepEqual(page.loaded, ["tag.js", "banner.js", "granted.js"]);
  page.token = tokenOf({ u: page.clock.now + 1e9 });
  await page.window.askfirst.consent.set({ statistics: true });
  await quiet();

  await assertSent(page, { expected: [{ kind: "page_view", url: "https://www.example.org/second" }] });
});
