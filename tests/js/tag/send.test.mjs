// Sending: only after a yes, in the wire format, with a limited number of retries.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SOURCES, assertSent, open, openGranted, quiet, tokenOf } from "../world.mjs";

const tries = (page) => page.requests.filter(({ path }) => path === "event");
const refusal = (code) => ({ status: 403, json: { error: { code, message: "No." } } });

test("law 2: every request for events carries the token", async () => {
  const page = await openGranted();

  assert.equal(tries(page)[0].body.token, page.token);
  assert.equal(tries(page)[0].body.site, "k1");
});

test("events go as plain text without credentials in a request that outlives the page", async () => {
  const page = await openGranted();
  const { request, url } = tries(page)[0];

  assert.equal(url, "https://www.example.org/askfirst/event");
  assert.equal(request.credentials, "omit");
  assert.equal(request.keepalive, true);
  assert.equal(typeof request.body, "string"); // which a browser sends as text/plain
  assert.equal(request.headers, undefined);
});

test("choices take cookies along only within one domain", async () => {
  const hosts = {
    "https://www.example.org/tag.js": "include",
    "https://numbers.example.org/tag.js": "include",
    "https://example.net/tag.js": "omit",
  };
  for (const [tag, wanted] of Object.entries(hosts)) {
    const page = await open({ tag });
    await page.click("refuse");

    assert.equal(page.posts[0].request.credentials, wanted, tag);
    assert.equal(page.requests[0].request.credentials, "omit");
  }
});

test("law 1: what sends events refuses by itself where there is no yes", SOURCES, async () => {
  for (const options of [{}, { cookie: "no" }, { gpc: true }]) {
    const page = await open(options);
    await page.window.askfirst.control.open("granted");
    page.window.askfirst.events.record({ kind: "page_view", url: "https://x.example/" });
    await page.click(page.find("#in"));
    page.window.history.pushState(null, "", "/second");
    await page.clock.advance(60_000);

    await assertSent(page, { expected: [] });
  }
});

test("law 1: a yes to another purpose is no yes for events", async () => {
  const now = Date.now();
  const page = await openGranted({ now, token: tokenOf({ u: now + 1e9, p: ["videos"] }) });

  await assertSent(page, { expected: [] });
});

test("a network failure is tried again with the same id and the age grown", async () => {
  let down = true;
  const event = () => (down ? new Error("offline") : { status: 202, json: { recorded: 1 } });
  const page = await openGranted({ answers: { "POST event": event } });
  await page.clock.advance(1_900);
  assert.equal(tries(page).length, 1);
  down = false;
  await page.clock.advance(3_000);

  assert.equal(tries(page).length, 2);
  const [first, second] = page.events;
  assert.equal(first.id, second.id);
  assert.equal(first.age, 0);
  assert.ok(second.age >= 2_000 && second.age <= 4_000, `${second.age}`);
});

test("429 and 503 wait for as long as Retry-After says", async () => {
  for (const status of [429, 503]) {
    let busy = true;
    const event = () => (busy ? { status, headers: { "Retry-After": "30" } } : { status: 202 });
    const page = await openGranted({ answers: { "POST event": event } });
    busy = false;
    await page.clock.advance(29_000);
    assert.equal(tries(page).length, 1);
    await page.click(page.find("#in"));
    assert.equal(tries(page).length, 1);
    await page.clock.advance(2_000);

    assert.equal(tries(page).length, 2);
    assert.deepEqual(tries(page)[1].body.events.map(({ kind }) => kind), ["page_view", "link_click"]);
  }
});

test("tries come to an end, and so does what waits", async () => {
  const page = await openGranted({ answers: { "POST event": () => new Error("offline") } });
  for (let n = 0; n < 100; n += 1) page.window.history.pushState(null, "", `/page/${n}`);
  await quiet();
  const atOnce = tries(page).length;
  await page.clock.advance(3_600_000);
  const later = tries(page).length;
  await page.clock.advance(3_600_000);

  assert.ok(later - atOnce <= 5, `${later - atOnce}`);
  assert.equal(tries(page).length, later);
});

test("at most fifty events wait", async () => {
  let down = true;
  const event = () => (down ? new Error("offline") : { status: 202, json: { recorded: 1 } });
  const page = await openGranted({ answers: { "POST event": event } });
  for (let n = 0; n < 100; n += 1) page.window.history.pushState(null, "", `/page/${n}`);
  await quiet();
  page.requests.length = 0;
  down = false;
  await page.clock.advance(60_000);

  assert.equal(page.events.length, 50);
  assert.equal(page.events.at(-1).url, "https://www.example.org/page/99");
});

test("a message that the server does not understand is not sent again", async () => {
  for (const status of [400, 413]) {
    const page = await openGranted({ answers: { "POST event": () => ({ status }) } });
    await page.clock.advance(3_600_000);

    assert.equal(tries(page).length, 1);
  }
});

test("law 5: a withdrawal empties what waits", async () => {
  let down = true;
  const event = () => (down ? new Error("offline") : { status: 202, json: { recorded: 1 } });
  const page = await openGranted({ answers: { "POST event": event } });
  await page.click("withdraw");
  down = false;
  await page.clock.advance(3_600_000);

  assert.equal(tries(page).length, 1);
});

test("law 5: what was on its way at the withdrawal is not sent again under a new yes", async () => {
  let fail;
  const page = await openGranted({
    active: true,
    answers: { "POST event": () => new Promise((done) => (fail = done)) },
  });
  const late = fail;
  await page.click("withdraw");
  page.token = tokenOf({ c: "second", u: page.clock.now + 1e9 });
  await page.window.askfirst.consent.set({ statistics: true });
  late(new Error("offline"));
  await page.clock.advance(60_000);

  const ids = page.events.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(tries(page).slice(1).every(({ body }) => body.token === page.token));
});

test("403 withdrawn: the choice becomes a no, and nobody is asked", async () => {
  const page = await openGranted({ answers: { "POST event": () => refusal("withdrawn") } });
  page.window.history.pushState(null, "", "/second");
  await page.clock.advance(60_000);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.find("#askfirst-banner"), null);
  assert.equal(tries(page).length, 1);
});

test("403 with a token that no longer serves: the choice is forgotten and asked for again", async () => {
  for (const code of ["expired", "outdated", "bad_token", "other_site"]) {
    const page = await openGranted({ answers: { "POST event": () => refusal(code) } });
    await page.clock.advance(60_000);

    assert.equal(page.cookie, "", code);
    assert.ok(page.find("#askfirst-banner"), code);
    assert.equal(tries(page).length, 1, code);
  }
});

test("any other 403 is met with silence", async () => {
  for (const code of ["bot", "bad_origin", "too_old", "before_consent", "unknown_site"]) {
    const page = await openGranted({ answers: { "POST event": () => refusal(code) } });
    await page.clock.advance(3_600_000);

    assert.equal(page.choice, "granted", code);
    assert.equal(tries(page).length, 1, code);
    assert.deepEqual(page.errors, [], code);
  }
});

test("a late 403 for an old token leaves the new choice alone", async () => {
  let answer;
  const page = await openGranted({
    answers: { "POST event": () => new Promise((done) => (answer = done)) },
  });
  const late = answer;
  page.token = tokenOf({ c: "second", u: page.clock.now + 1e9 });
  page.jar.setCookieSync(`askfirst_k1=${page.token}; Path=/`, page.window.location.href);
  late(refusal("withdrawn"));
  await quiet();

  assert.equal(page.choice, "granted");
});

test("a 403 that is not the server's own leaves the choice alone", async () => {
  const page = await openGranted({ answers: { "POST event": () => ({ status: 403, json: "no" }) } });
  await page.clock.advance(60_000);

  assert.equal(page.choice, "granted");
  assert.deepEqual(page.errors, []);
});
