// The tracker: each view once, each link click with its kind, and no detail beyond the policy's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SOURCES, assertSent, open, openGranted, tokenOf } from "../world.mjs";

const MOMENT = 500; // milliseconds, after which events are sent
const HOST = "https://www.example.org";
const go = (page, to) => page.window.history.pushState(null, "", to);

test("a page view has the address without its fragment, and the referrer", async () => {
  const page = await openGranted({ referrer: "https://search.example/?q=books" });

  await assertSent(page, {
    expected: [
      {
        kind: "page_view",
        url: `${HOST}/start?from=mail`,
        referrer: "https://search.example/?q=books",
      },
    ],
  });
});

test("the page on which the yes is given counts once", async () => {
  const page = await open();
  await page.click("accept");
  await page.lookAgain();

  await assertSent(page, { expected: [{ kind: "page_view", url: `${HOST}/start?from=mail` }] });
});

test("moves in the history are views, each referred by the page before", async () => {
  const page = await openGranted();
  go(page, "/second");
  page.window.history.replaceState(null, "", "/third?page=2");
  await page.clock.advance(MOMENT);

  await assertSent(page, {
    expected: [
      { url: `${HOST}/start?from=mail` },
      { url: `${HOST}/second`, referrer: `${HOST}/start?from=mail` },
      { url: `${HOST}/third?page=2`, referrer: `${HOST}/second` },
    ],
  });
});

test("going back is a view", async () => {
  const page = await openGranted();
  go(page, "/second");
  page.window.history.replaceState(null, "", "/start");
  page.window.dispatchEvent(new page.window.PopStateEvent("popstate"));
  await page.clock.advance(MOMENT);

  assert.deepEqual(
    page.events.map(({ url }) => url),
    [`${HOST}/start?from=mail`, `${HOST}/second`, `${HOST}/start`],
  );
});

test("a move to the same path is no view, whatever the query, the fragment or the state", async () => {
  const page = await openGranted();
  for (const filter of ["?q=b", "?q=bo", "?q=book"]) page.window.history.replaceState(null, "", filter);
  go(page, "?page=2");
  go(page, "/start");
  go(page, "#chapter");
  page.window.history.replaceState({ scroll: 10 }, "");
  page.window.dispatchEvent(new page.window.PopStateEvent("popstate"));
  await page.clock.advance(MOMENT);

  assert.equal(page.events.length, 1);
});

test("a campaign that is cut off after landing leaves one view, which has it", async () => {
  const page = await openGranted({ url: `${HOST}/start?utm_source=mail&utm_campaign=may` });
  page.window.history.replaceState(null, "", "/start");
  await page.clock.advance(MOMENT);

  await assertSent(page, { expected: [{ url: `${HOST}/start?utm_source=mail&utm_campaign=may` }] });
});

test("a click tells the address that the page has by then", async () => {
  const page = await openGranted();
  page.window.history.replaceState(null, "", "/start?q=books");
  await page.click(page.find("#in"));

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "link_click", url: `${HOST}/start?q=books` }] });
});

test("from one page to another and back are three views, also over a changed query", async () => {
  const page = await openGranted();
  go(page, "?page=2");
  go(page, "/second");
  go(page, "/start?page=2");
  await page.clock.advance(MOMENT);

  assert.deepEqual(
    page.events.map(({ url, referrer }) => [url, referrer]),
    [
      [`${HOST}/start?from=mail`, ""],
      [`${HOST}/second`, `${HOST}/start?from=mail`],
      [`${HOST}/start?page=2`, `${HOST}/second`],
    ],
  );
});

test("what a page calls navigation by itself disturbs nothing", async () => {
  for (const own of [{ open: true }, null, 7]) {
    const page = await openGranted({ prepare: (window) => (window.navigation = own) });
    go(page, "/second");
    await page.clock.advance(MOMENT);

    assert.deepEqual(page.errors, []);
    assert.equal(page.events.length, 2);
  }
});

test("the page's own history still works, and its errors reach the page", async () => {
  const page = await openGranted();
  go(page, "/second");

  assert.equal(page.window.location.pathname, "/second");
  assert.throws(() => go(page, "https://elsewhere.example/"));
});

const goesOrComes = (page, type, persisted) =>
  page.window.dispatchEvent(new page.window.PageTransitionEvent(type, { persisted }));

test("a page that comes back from the browser's memory is a new view", async () => {
  const page = await openGranted();
  goesOrComes(page, "pageshow", false);
  goesOrComes(page, "pagehide", true);
  goesOrComes(page, "pageshow", true);
  await page.clock.advance(MOMENT);

  assert.equal(page.events.length, 2);
  assert.notEqual(page.events[0].id, page.events[1].id);
});

test("a page from the browser's memory sends nothing where there is no yes", async () => {
  const page = await open();
  goesOrComes(page, "pagehide", true);
  goesOrComes(page, "pageshow", true);
  await page.clock.advance(MOMENT);

  await assertSent(page, { expected: [] });
});

// Browsers fire `visibilitychange` and `pageshow` in either order.
for (const first of ["looked at", "shown"]) {
  test(`a page that was left unanswered counts once after a yes elsewhere, first ${first}`, async () => {
    const page = await open({ active: true });
    const said = page.token;
    goesOrComes(page, "pagehide", true);
    await open({ jar: page.jar, cookie: said }); // another page of the site
    if (first === "shown") goesOrComes(page, "pageshow", true);
    await page.lookAgain();
    if (first !== "shown") goesOrComes(page, "pageshow", true);
    await page.clock.advance(MOMENT);

    await assertSent(page, { expected: [{ kind: "page_view" }] });
  });
}

test("law 5: a page that was left with a yes sends nothing after a no elsewhere", async () => {
  const page = await openGranted();
  goesOrComes(page, "pagehide", true);
  await open({ jar: page.jar, cookie: "no" });
  goesOrComes(page, "pageshow", true);
  await page.lookAgain();
  goesOrComes(page, "pagehide", true);
  goesOrComes(page, "pageshow", true);
  await page.clock.advance(MOMENT);

  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("a page that counted, and comes back under another yes, counts once more", async () => {
  const page = await openGranted();
  goesOrComes(page, "pagehide", true);
  const other = tokenOf({ c: "other", u: page.clock.now + 1e9 });
  await open({ jar: page.jar, cookie: other });
  await page.lookAgain();
  goesOrComes(page, "pageshow", true);
  await page.clock.advance(MOMENT);

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "page_view" }] });
});

test("every event has its own random id of 22 characters", async () => {
  const page = await openGranted();
  for (let n = 0; n < 50; n += 1) go(page, `/${n}`);
  await page.clock.advance(MOMENT);

  const ids = page.events.map(({ id }) => id);
  assert.equal(new Set(ids).size, 51);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{22}$/);
});

const LINKS = {
  "/next": ["internal", `${HOST}/next`],
  "https://www.example.org:443/a#b": ["internal", `${HOST}/a`],
  "https://example.org/": ["outbound", "https://example.org/"],
  "http://other.example/x?y=1#z": ["outbound", "http://other.example/x?y=1"],
  "https://name:secret@other.example/": ["outbound", "https://other.example/"],
  "/files/Report.PDF?v=2": ["download", `${HOST}/files/Report.PDF?v=2`],
  "https://other.example/a.tar.gz": ["download", "https://other.example/a.tar.gz"],
  "mailto:a@b.example?subject=Hello": ["mail", "mailto:a@b.example"],
  "tel:+49 30 123": ["telephone", "tel:+4930123"],
};

for (const [href, [link_kind, link_url]] of Object.entries(LINKS)) {
  test(`a click on ${href} is ${link_kind}`, async () => {
    const page = await openGranted({ body: `<a id="it" href="${href}">It</a>` });
    await page.click(page.find("#it"));

    const link_click = { kind: "link_click", url: `${HOST}/start?from=mail`, link_url, link_kind };
    await assertSent(page, { expected: [{ kind: "page_view" }, link_click] });
  });
}

test("a link with a download attribute is a download", async () => {
  const page = await openGranted({ body: `<a id="it" href="/data" download>It</a>` });
  await page.click(page.find("#it"));

  await assertSent(page, { expected: [{}, { link_kind: "download" }] });
});

const NOT_LINKS = {
  "a link to no web address": `<a id="it" href="blob:x">It</a>`,
  "a link that is none": `<a id="it" href="https://[">It</a>`,
  "a script": `<a id="it" href="javascript:void 0">It</a>`,
  "a place on the same page": `<a id="it" href="#below">It</a>`,
  "a link without an address": `<a id="it">It</a>`,
  "a button": `<button id="it">It</button>`,
};

for (const [name, body] of Object.entries(NOT_LINKS)) {
  test(`a click on ${name} is not recorded`, async () => {
    const page = await openGranted({ body });
    await page.click(page.find("#it"));

    await assertSent(page, { expected: [{ kind: "page_view" }], refuted: [{ kind: "link_click" }] });
  });
}

test("the middle button counts, the right one does not", async () => {
  const page = await openGranted();
  await page.click(page.find("#in"), { button: 1 }, "auxclick");
  await page.click(page.find("#in"), { button: 2 }, "auxclick");

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "link_click" }] });
});

test("a click on what lies inside a link, or inside a shadow tree, is a click on the link", async () => {
  const page = await openGranted({ body: `<a href="/deep"><b id="it">It</b></a><div></div>` });
  await page.click(page.find("#it"));
  const shadow = page.find("div").attachShadow({ mode: "open" });
  const link = page.window.document.createElement("a");
  link.href = "/shadow";
  shadow.append(link);
  await page.click(link);

  const expected = [{}, { link_url: `${HOST}/deep` }, { link_url: `${HOST}/shadow` }];
  await assertSent(page, { expected });
});

test("a link whose click the page stops still counts", async () => {
  const page = await openGranted();
  page.find("main").addEventListener("click", (event) => event.stopPropagation());
  await page.click(page.find("#in"));

  await assertSent(page, { expected: [{}, { kind: "link_click" }] });
});

test("links in the banner and the owner's link to it are not recorded", async () => {
  const page = await openGranted({ body: `<a id="it" href="/privacy" data-askfirst-show>It</a>` });
  await page.click(page.find("#it"));
  await page.click(page.find("#askfirst-preferences a"));

  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("a very long address is cut, not lost", async () => {
  const page = await openGranted();
  go(page, `/long?${"x".repeat(10_000)}`);
  await page.clock.advance(MOMENT);

  assert.equal(page.events.at(-1).url.length, 2048);
});

test("after a withdrawal and a new yes the page counts again", async () => {
  const page = await openGranted({ active: true });
  await page.click("withdraw");
  await page.window.askfirst.consent.set({ statistics: true });
  await page.clock.advance(MOMENT);

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "page_view" }] });
});

test("the page's own pushState returns what it would, and an error of ours does not reach it", SOURCES, async () => {
  const page = await openGranted({ prepare: (window) => (window.history.pushState = () => "its own") });
  page.window.askfirst.views.addressOf = () => {
    throw new Error("ours");
  };

  assert.equal(page.window.history.pushState(null, "", "/second"), "its own");
});

test("a MathML link, which has no href of its own in some browsers, is followed", async () => {
  const body = `<p><a id="it" href="/math">x</a></p>`;
  const page = await openGranted({ body });
  Object.defineProperty(page.find("#it"), "href", { value: undefined });
  await page.click(page.find("#it"));

  await assertSent(page, { expected: [{}, { link_url: "https://www.example.org/math" }] });
});
