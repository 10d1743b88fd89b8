// Views between a yes and the loading of the sender: none is lost, none counts twice.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertSent, open, openGranted, quiet } from "../world.mjs";

const START = "https://www.example.org/start?from=mail";

/** Return a promise and its resolver, for a script that is still loading. */
function onItsWay() {
  let arrive;
  const late = { "granted.js": new Promise((done) => (arrive = done)) };
  const arrived = async () => {
    arrive();
    await quiet();
  };
  return { late, arrive: arrived };
}

/** Leave the page, which is hidden first (HTML, 7.4.2.4: unloading document visibility change steps). */
async function leave(page) {
  Object.defineProperty(page.window.document, "hidden", { value: true, configurable: true });
  await page.lookAgain();
  delete page.window.document.hidden;
  page.window.dispatchEvent(new page.window.PageTransitionEvent("pagehide"));
  await quiet();
}

test("a page that is left before the sender is there sends its view by itself", async () => {
  const { late } = onItsWay();
  const page = await openGranted({ late });
  await assertSent(page, { expected: [] });
  await page.clock.advance(300);
  await leave(page);

  await assertSent(page, { expected: [{ kind: "page_view", url: START, age: 800 }] });
  assert.equal(page.posts[0].body.token, page.token);
  assert.equal(page.posts[0].request.keepalive, true);
});

test("so does one that is hidden, and what is sent again later has the same id", async () => {
  const { late, arrive } = onItsWay();
  const page = await openGranted({ late });
  await page.lookAgain();
  assert.equal(page.events.length, 0);
  Object.defineProperty(page.window.document, "hidden", { value: true, configurable: true });
  await page.lookAgain();
  await arrive();
  await leave(page);

  assert.equal(page.events.length, 2);
  assert.equal(page.events[0].id, page.events[1].id);
});

test("the view has the time and the address of when it happened, not of when it is sent", async () => {
  const { late, arrive } = onItsWay();
  const page = await openGranted({ late });
  await page.clock.advance(5_000);
  page.window.history.pushState(null, "", "/second");
  await arrive();

  const second = { url: "https://www.example.org/second", referrer: START, age: 500 };
  await assertSent(page, { expected: [{ url: START, age: 5_000 }, second] });
});

test("where the sender does not load nothing is recorded, and nothing fails", async () => {
  const page = await openGranted({ missing: ["granted.js"] });
  page.window.history.pushState(null, "", "/second");
  await page.click(page.find("#in"));
  await leave(page);
  await page.clock.advance(60_000);

  await assertSent(page, { expected: [] });
  assert.deepEqual(page.posts, []);
  assert.deepEqual(page.said, []);
});

test("law 1: a page that is left before a yes sends nothing", async () => {
  const page = await open();
  page.window.history.pushState(null, "", "/second");
  await page.lookAgain();
  await leave(page);

  assert.deepEqual(page.posts, []);
  assert.deepEqual(page.loaded, ["tag.js", "banner.js"]);
});

test("law 5: a withdrawal forgets what was noted before the sender was there", async () => {
  const { late, arrive } = onItsWay();
  const page = await openGranted({ late });
  await page.click("withdraw");
  await leave(page);
  await arrive();
  await page.clock.advance(60_000);

  await assertSent(page, { expected: [] });
});

test("law 5: what another tab refused meanwhile is not sent", async () => {
  const { late, arrive } = onItsWay();
  const page = await openGranted({ late });
  page.jar.setCookieSync("askfirst_k1=no; Path=/", page.window.location.href);
  await leave(page);
  await arrive();

  await assertSent(page, { expected: [] });
});

test("a prerendered page is counted when it is shown, once", async () => {
  const page = await openGranted({ prerendering: true });
  page.window.history.replaceState(null, "", "/moved");
  await leave(page);
  await assertSent(page, { expected: [] });
  page.window.document.prerendering = false;
  page.window.document.dispatchEvent(new page.window.Event("prerenderingchange"));
  await quiet();

  await assertSent(page, { expected: [{ url: "https://www.example.org/moved" }] });
});
