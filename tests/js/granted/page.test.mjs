// What pages and browsers say of themselves: title, canonical address, status, routes, screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertSent, open, openGranted } from "../world.mjs";

const HOST = "https://www.example.org";
const go = (page, to) => page.window.history.pushState(null, "", to);
const loaded = (responseStatus) => (window) => (window.performance.getEntriesByType = () => [{ responseStatus }]);

function canonical(page, href) {
  const { document } = page.window;
  const link = page.find("link[rel=canonical]") ?? document.head.appendChild(document.createElement("link"));
  Object.assign(link, { rel: "canonical", href });
}

test("a new page's title counts that an application sets a moment after the move", async () => {
  const page = await openGranted();
  go(page, "/second");
  await page.clock.advance(300);
  page.window.document.title = "Second";

  await assertSent(page, { expected: [{ title: "Start" }, { title: "Second" }] });
});

test("a page that is passed in less than a moment keeps its own title", async () => {
  const page = await openGranted();
  for (const name of ["second", "third"]) {
    go(page, `/${name}`);
    page.window.document.title = name;
  }

  await assertSent(page, { expected: [{ title: "Start" }, { title: "second" }, { title: "third" }] });
});

test("a very long title is cut", async () => {
  const page = await openGranted({ title: "x".repeat(10_000) });

  assert.equal(page.events[0].title.length, 300);
});

test("a canonical address counts where it is there, and one left from an earlier page does not", async () => {
  const page = await openGranted();
  canonical(page, "/a#top");
  go(page, "/a?sort=name");
  await page.clock.advance(500);
  go(page, "/b");
  await page.clock.advance(500);
  go(page, "/c");
  canonical(page, "https://example.org/c");
  await page.clock.advance(500);
  go(page, "/d");
  canonical(page, "https://[");

  const expected = [undefined, `${HOST}/a`, undefined, "https://example.org/c", ""];
  await assertSent(page, { expected: expected.map((it) => ({ canonical: it })) });
});

test("the status is the browser's, or what the owner says on the tag, for the first view", async () => {
  const cases = [
    [loaded(404), "", 404],
    [loaded(200), `data-status="404"`, 404],
    [loaded(0), "", undefined],
    [loaded(999), "", undefined],
    [undefined, `data-status="no"`, undefined],
  ];
  for (const [prepare, attribute, status] of cases) {
    const page = await openGranted({ prepare, attributes: `data-site="k1" ${attribute}` });
    go(page, "/second");

    await assertSent(page, { expected: [{ status }, { status: undefined }] });
  }
});

const ROUTES = {
  "/": `${HOST}/`,
  "/#/": `${HOST}/`,
  "/#/users/5?tab=2": `${HOST}/users/5`,
  "/#!/users": `${HOST}/users`,
  "/#users": `${HOST}/users`,
  "/app/?utm_source=mail#/users": `${HOST}/app/users?utm_source=mail`,
  "/app/index.html#/users": `${HOST}/app/index.html/users`,
};

for (const [address, url] of Object.entries(ROUTES))
  test(`with data-routes="hash" ${address} is the page ${url}`, async () => {
    const page = await openGranted({ url: HOST + address, attributes: `data-site="k1" data-routes="hash"` });

    await assertSent(page, { expected: [{ url }] });
  });

test(`with data-routes="hash" another fragment is another page, and its links are followed`, async () => {
  const attributes = `data-site="k1" data-routes="hash"`;
  const page = await openGranted({ url: `${HOST}/#/`, attributes, body: `<a id="it" href="#/users">It</a>` });
  await page.click(page.find("#it"));
  page.window.location.hash = "#/users";
  page.window.dispatchEvent(new page.window.PopStateEvent("popstate"));

  const expected = [{ url: `${HOST}/` }, { link_url: `${HOST}/users`, link_kind: "internal" }, { url: `${HOST}/users` }];
  await assertSent(page, { expected });
});

test("without it a fragment is part of no address and makes no view", async () => {
  const page = await openGranted({ url: `${HOST}/#/users` });
  go(page, "/#/more");

  await assertSent(page, { expected: [{ url: `${HOST}/` }] });
});

const PHONE = (window) => {
  Object.defineProperty(window, "screen", { value: { width: 390, height: 844 } });
  Object.assign(window.navigator, { maxTouchPoints: 5 });
};

test("a request says the screen, the touch points, and that a program steers the browser", async () => {
  const phone = await openGranted({ prepare: PHONE });
  const steered = await openGranted({ prepare: (window) => (window.navigator.webdriver = true) });
  const said = ({ posts: [{ body }] }) => [body.screen, body.touch, body.webdriver];

  assert.deepEqual(said(phone), ["390x844", 5, undefined]);
  assert.deepEqual(said(steered), [undefined, undefined, true]);
});

test("what would be stored is shown before a yes, as it then is sent", async () => {
  const page = await open({ prepare: (window) => loaded(404)(window) && PHONE(window) });
  canonical(page, "/404");
  await page.click("preferences");
  const shown = JSON.parse(page.find("#askfirst-preferences pre").textContent);
  await page.click("close");
  await page.click("accept");
  const { token, ...sent } = page.posts.at(-1).body;
  for (const { events } of [shown, sent]) Object.assign(events[0], { id: "", age: 0 });

  assert.equal(token, page.token);
  assert.deepEqual(shown, sent);
  assert.deepEqual([sent.screen, sent.events[0].status, sent.events[0].canonical], ["390x844", 404, `${HOST}/404`]);
});

test("a screen without a height, which some programs have, is none", async () => {
  const flat = (window) => Object.defineProperty(window, "screen", { value: { width: 1920, height: 0 } });
  const page = await openGranted({ prepare: flat });

  assert.equal(page.posts[0].body.screen, undefined);
});
