// Delivery: what could not be sent waits in storage while the yes lasts, and is sent later, once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SOURCES, assertSent, open, openGranted, quiet, tokenOf } from "../world.mjs";

const KEY = "askfirst_k1";
const down = { "POST event": () => new Error("offline") };
const kept = (page) => JSON.parse(page.window.localStorage[KEY] ?? "[]").slice(1);
const count = (page) => page.requests.filter(({ path }) => path === "event").length;

const isOurs = (error) => !error.includes("Not implemented: navigation"); // what jsdom says of every link

/** Return options of a page whose browser has beacons; `beacons` gets what they carry. */
function withBeacons(beacons, works = true) {
  const prepare = (window) => {
    window.navigator.sendBeacon = (url, body) => {
      beacons.push({ url, ...JSON.parse(body) });
      return works;
    };
  };
  return { prepare };
}

/** Return options of a page whose site has this in its storage. */
const stored = (value) => ({ prepare: (window) => (window.localStorage[KEY] = value) });

/** Return what a page keeps, as the next page of the site finds it. */
const keptBy = (page) => stored(page.window.localStorage[KEY]);

test("what happens in one moment goes in one request", async () => {
  const page = await openGranted();
  for (let n = 0; n < 3; n += 1) await page.click(page.find("#in"));
  await page.clock.advance(500);

  assert.equal(page.events.length, 4);
  assert.equal(count(page), 2);
});

test("a page that is left sends by beacon, and one that is hidden by a request that outlives it", async () => {
  const beacons = [];
  const page = await openGranted(withBeacons(beacons));
  await page.click(page.find("#in"));
  await page.hide();
  assert.deepEqual([beacons.length, count(page)], [0, 2]);
  assert.equal(page.posts.at(-1).request.keepalive, true);
  await page.show();
  await page.click(page.find("#in"));
  await page.leave();

  assert.equal(count(page), 2);
  assert.equal(beacons.length, 1);
  const [{ url, site, token, events }] = beacons;
  assert.deepEqual([url, site, token], ["https://www.example.org/askfirst/event", "k1", page.token]);
  assert.deepEqual(events.map(({ kind }) => kind), ["link_click"]);
});

test("where there is no beacon, or it takes nothing, a page that is left sends a request", async () => {
  for (const options of [{}, withBeacons([], false)]) {
    const page = await openGranted(options);
    await page.click(page.find("#in"));
    await page.leave();

    await assertSent(page, { expected: [{}, { kind: "link_click" }] });
  }
});

test("what a beacon carried is sent once more by the next page, with its id and its age", async () => {
  const beacons = [];
  const page = await openGranted(withBeacons(beacons));
  await page.click(page.find("#in"));
  await page.leave();
  const [{ id }] = beacons[0].events;
  const next = await openGranted({ ...keptBy(page), token: page.token, now: page.clock.now + 60_000 });

  await assertSent(next, { expected: [{ id, kind: "link_click", age: 60_000 }, { kind: "page_view" }] });
  assert.equal(count(next), 1);
  assert.deepEqual(kept(next), []);
});

test("what failed waits for the next page, and for the network to come back", async () => {
  const page = await openGranted({ answers: down });
  await page.click(page.find("#in"));
  await page.clock.advance(3_600_000);
  assert.deepEqual(kept(page).map(({ kind }) => kind), ["page_view", "link_click"]);
  page.answers["POST event"] = () => ({ status: 202 });
  page.requests.length = 0;
  page.window.dispatchEvent(new page.window.Event("online"));
  await quiet();

  await assertSent(page, { expected: [{ kind: "page_view", age: 3_600_000 }, { kind: "link_click" }] });
  assert.equal(page.window.localStorage.length, 0);
});

test("what arrives leaves nothing in storage, and what another tab keeps stays", async () => {
  const page = await openGranted();
  const { c } = JSON.parse(Buffer.from(page.token.split(".")[0], "base64url"));
  const other = { id: "another", kind: "link_click", at: page.clock.now };
  page.window.localStorage[KEY] = JSON.stringify([c, other]);
  await page.click(page.find("#in"));
  await page.hide();

  assert.deepEqual(kept(page), [other]);
});

test("the wait has bounds: fifty events, twenty thousand characters, one day", async () => {
  const page = await openGranted({ answers: down });
  for (let n = 0; n < 60; n += 1) page.window.history.pushState(null, "", `/${n}`);
  await page.leave();
  assert.equal(kept(page).length, 50);
  for (let n = 0; n < 60; n += 1) page.window.history.pushState(null, "", `/${n}?${"x".repeat(2000)}`);
  await page.leave();
  assert.ok(page.window.localStorage[KEY].length <= 20_100);
  assert.ok(kept(page).at(-1).url.includes("/59?"));
  const tomorrow = { ...keptBy(page), token: page.token, now: page.clock.now + 86_400_001 };
  const next = await openGranted(tomorrow);

  await assertSent(next, { expected: [{ kind: "page_view" }] });
});

test("an event that the server does not understand does not take its neighbours along", async () => {
  let first = true;
  const refuse = { status: 400, json: { error: { code: "malformed", field: "events[1].link_url" } } };
  const event = (body) => (body.events.length > 2 && first ? ((first = false), refuse) : { status: 202 });
  const page = await openGranted({ answers: { "POST event": event } });
  for (let n = 0; n < 3; n += 1) await page.click(page.find("#in"));
  await page.clock.advance(5_000);

  const ids = page.events.map(({ id }) => id);
  assert.deepEqual(ids.slice(4), [ids[1], ids[3]]);
});

test("law 1: before a yes nothing is kept, and after a no nothing is read", async () => {
  for (const options of [{}, { cookie: "no" }, { gpc: true }]) {
    const page = await open(options);
    await page.click(page.find("#in"));
    await page.leave();

    assert.equal(page.window.localStorage.length, 0);
  }
});

test("law 5: a withdrawal erases what waits, and nothing of it is sent under a new yes", async () => {
  const page = await openGranted({ answers: down, active: true });
  await page.hide();
  await page.show();
  assert.equal(kept(page).length, 1);
  await page.click("withdraw");
  assert.equal(page.window.localStorage.length, 0);
  page.requests.length = 0;
  page.token = tokenOf({ c: "second", u: page.clock.now + 1e9 });
  await page.window.askfirst.consent.set({ statistics: true });
  await page.clock.advance(500);

  assert.deepEqual(page.events.map(({ kind, age }) => [kind, age]), [["page_view", 500]]);
});

test("law 5: a withdrawal in another tab erases what waits in this one", async () => {
  const page = await openGranted({ answers: down });
  await page.hide();
  page.jar.setCookieSync("askfirst_k1=no; Path=/", page.window.location.href);
  await page.show();
  await page.leave();

  assert.equal(page.window.localStorage.length, 0);
});

test("law 5: what waits ends with the yes: the next page without one erases it, another yes leaves it", async () => {
  const page = await openGranted({ answers: down });
  await page.leave();
  const without = await open(keptBy(page));
  const token = tokenOf({ c: "second", u: page.clock.now + 1e9 });
  const another = await openGranted({ ...keptBy(page), token });

  assert.equal(without.window.localStorage.length, 0);
  await assertSent(another, { expected: [{ kind: "page_view", age: 0 }] });
});

test("what others wrote into the storage harms nothing", async () => {
  for (const text of ["", "{", "7", "{}", "[]", `["consent",null,7,{"at":"x"},{}]`]) {
    const page = await openGranted(stored(text));
    await page.click(page.find("#in"));
    await page.leave();

    await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "link_click" }] });
    assert.deepEqual(page.errors.filter(isOurs), [], text);
  }
});

test("a browser without storage, beacons and entries of performance works", async () => {
  const prepare = (window) => {
    const denied = { get: () => { throw new window.DOMException("denied", "SecurityError"); } };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, denied);
  };
  const page = await openGranted({ prepare });
  await page.click(page.find("#in"));
  await page.leave();

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "link_click" }] });
  assert.deepEqual(page.errors.filter(isOurs), []);
});

test("law 5: withdrawing statistics alone erases what waits, though another purpose stays", async () => {
  const page = await openGranted({ answers: down, token: tokenOf({ p: ["statistics", "videos"], u: Date.now() + 1e9 }) });
  await page.hide();
  assert.equal(kept(page).length, 1);
  const videos = await open({ ...keptBy(page), cookie: tokenOf({ p: ["videos"], u: Date.now() + 1e9 }) });

  assert.equal(videos.window.localStorage.length, 0);
});

test("law 5: what waits when another yes is given in another window is not sent under that one", async () => {
  for (const act of [(page) => page.clock.advance(500), (page) => page.hide(), (page) => page.leave()]) {
    const page = await openGranted();
    await page.click(page.find("#in"));
    const other = tokenOf({ c: "other", u: page.clock.now + 1e9 });
    page.jar.setCookieSync(`askfirst_k1=${other}; Path=/`, page.window.location.href);
    await act(page);
    await page.clock.advance(500);
    await page.click(page.find("#in"));
    await page.clock.advance(500);

    const sent = page.posts.map(({ body }) => [body.token, ...body.events.map(({ kind }) => kind)]);
    assert.deepEqual(sent, [
      [page.token, "page_view"],
      [other, "link_click"],
    ]);
    assert.equal(page.window.localStorage.length, 0);
  }
});

test("what is very long is cut, and takes no others along", SOURCES, async () => {
  const page = await openGranted({ title: "z".repeat(30_000), answers: down, body: `<form id="${"x".repeat(30_000)}"></form><a href="mailto:${"y".repeat(30_000)}">y</a>` });
  const { record } = page.window.askfirst.events;
  record({ kind: "link_click", url: "https://www.example.org/", link_url: "https://x.example/" });
  page.find("form").dispatchEvent(new page.window.SubmitEvent("submit", { bubbles: true }));
  await quiet();
  await page.click(page.find("a"));
  await page.hide();

  const lengths = kept(page).map(({ title, link_url, form }) => (title ?? link_url ?? form).length);
  assert.deepEqual(lengths, [300, 18, 500, 2048]);
});

test("what the server refuses waits where the script for it does not load, and goes with the next event", async () => {
  const page = await openGranted({ answers: { "POST event": () => ({ status: 400 }) }, missing: ["refused.js"] });
  page.answers["POST event"] = () => ({ status: 202 });
  await page.click(page.find("#in"));

  await assertSent(page, { expected: [{ kind: "page_view" }, { kind: "page_view" }, { kind: "link_click" }] });
});

/** Return a page whose first request of events is answered only when `answer` is called. */
async function openWaiting(options) {
  let answer;
  const said = new Promise((resolve) => (answer = resolve));
  const page = await openGranted({ ...options, answers: { "POST event": () => said } });
  return { page, answer };
}

const ENDS = ["withdrawn", "expired", "outdated", "bad_token", "other_site"];
const ended = (code) => ({ status: 403, json: { error: { code } } });

test("laws 1, 4 and 5: an answer that ends the yes also ends what was noted while it was awaited", async () => {
  for (const code of ENDS) {
    const { page, answer } = await openWaiting();
    await page.click(page.find("#in"));
    answer(ended(code));
    await quiet();
    await page.clock.advance(5_000);
    await page.leave();

    assert.equal(page.choice, code === "withdrawn" ? "refused" : "none", code);
    assert.equal(page.window.localStorage.length, 0, `${code}: ${page.window.localStorage[KEY]}`);
    assert.deepEqual(page.events.map(({ kind }) => kind), ["page_view"], code);
  }
});

test("laws 1, 4 and 5: nor is kept what is noted while the script loads that reads such an answer", async () => {
  for (const code of ENDS) {
    let load;
    const late = { "refused.js": new Promise((resolve) => (load = resolve)) };
    const { page, answer } = await openWaiting({ late });
    answer(ended(code));
    await quiet();
    await page.click(page.find("#in"));
    load();
    await quiet();
    await page.leave();

    assert.equal(page.window.localStorage.length, 0, `${code}: ${page.window.localStorage[KEY]}`);
  }
});

test("an answer that ends the yes leaves another alone that was given while the script for it loaded", async () => {
  for (const code of ENDS) {
    let load;
    const late = { "refused.js": new Promise((resolve) => (load = resolve)) };
    const { page, answer } = await openWaiting({ late });
    answer(ended(code));
    await quiet();
    const other = tokenOf({ c: "other", u: page.clock.now + 1e9 });
    page.jar.setCookieSync(`askfirst_k1=${other}; Path=/`, page.window.location.href);
    load();
    await quiet();

    assert.deepEqual([page.choice, page.cookie], ["granted", `askfirst_k1=${other}`], code);
  }
});
