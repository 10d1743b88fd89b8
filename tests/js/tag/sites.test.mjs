// Several sites on one host or domain: each has its own choice; the shared cookie of before.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DAY, PAGE, STATISTICS, VIDEOS, open, quiet, tokenOf, worded } from "../world.mjs";

const manifest = (site_number) => ({ "GET manifest/k1.json": () => ({ json: { site_number } }) });
const until = Date.now() + 90 * DAY;
const mine = tokenOf({ s: 1, u: until });
const foreign = tokenOf({ s: 2, v: "other", u: until });

const cookies = (page) => page.cookie.split("; ").filter(Boolean).sort();
const loadedEarlier = (page) => page.loaded.includes("earlier.js");

for (const other of ["k2", "k", "k11", "K1"])
  for (const value of ["no", foreign])
    test(`law 1: the choice for ${other} says nothing here, and is left alone: ${value.slice(0, 2)}`, async () => {
      const beside = `askfirst_${other}=${value}`;
      const page = await open({ cookies: [beside] });
      assert.equal(page.choice, "none");
      assert.ok(page.find("#askfirst-banner"));
      assert.deepEqual(page.posts, []);

      await page.click("accept");
      assert.deepEqual(cookies(page), [beside, `askfirst_k1=${page.token}`].sort());
      await page.click("withdraw");
      assert.deepEqual(cookies(page), [beside, "askfirst_k1=no"].sort());
      await page.click("erase");
      assert.deepEqual(cookies(page), [beside, "askfirst_k1=no"].sort());
      page.close();
    });

test("law 4: a no of before is a no for each site that has no choice of its own", async () => {
  const page = await open({ cookies: ["askfirst=no"] });
  assert.equal(page.choice, "refused");
  assert.equal(page.find("#askfirst-banner"), null);
  assert.deepEqual([page.requests, page.cookieWrites, loadedEarlier(page)], [[], [], false]);
  page.close();
});

test("a yes that is given later outweighs the no of before, which stays for the other sites", async () => {
  const page = await open({ cookies: ["askfirst=no"], active: true });
  await page.window.askfirst.consent.set({ statistics: true });
  await quiet();
  assert.equal(page.choice, "granted");
  assert.deepEqual(cookies(page), ["askfirst=no", `askfirst_k1=${page.token}`]);

  await page.click("withdraw");
  assert.deepEqual(cookies(page), ["askfirst=no", "askfirst_k1=no"]);
  page.close();
});

test("a refusal where a no of before stands gets a cookie of its own, for its own time", async () => {
  const page = await open({ cookies: ["askfirst=no"] });
  page.window.askfirst.consent.withdraw();
  await quiet();
  assert.deepEqual(cookies(page), ["askfirst=no", "askfirst_k1=no"]);
  page.close();
});

test("a yes of before goes on at its own site, for as long as it was given", async () => {
  const page = await open({ cookies: [`askfirst=${mine}`], answers: manifest(1) });
  assert.equal(page.choice, "granted");
  assert.equal(page.find("#askfirst-banner"), null);
  assert.deepEqual(
    page.choices.map(({ choice }) => choice),
    ["granted"],
  );
  assert.equal(page.events.length, 1);
  assert.deepEqual(cookies(page), [`askfirst=${mine}`, `askfirst_k1=${mine}`]);
  const copied = page.cookieWrites.filter((it) => it.includes(`_k1=${mine}`));
  assert.equal(copied.length, 1);
  assert.match(copied[0], /Expires=Invalid Date/); // a session cookie: it ends with the browser

  const next = await open({ jar: page.jar });
  assert.equal(next.choice, "granted");
  assert.equal(loadedEarlier(next), false);
  page.close();
  next.close();
});

test("law 1: a yes of before to another site records nothing here and is sent nowhere", async () => {
  const page = await open({ cookies: [`askfirst=${foreign}`], answers: manifest(1) });
  assert.equal(page.choice, "none");
  assert.ok(page.find("#askfirst-banner"));
  assert.deepEqual(page.posts, []);
  assert.ok(!JSON.stringify(page.requests).includes(foreign.split(".")[0]));
  assert.ok(page.requests.every(({ request }) => request.credentials === "omit"));
  assert.deepEqual(page.cookieWrites, []);

  await page.click("accept");
  assert.equal(page.posts[0].body.token, undefined);
  assert.deepEqual(cookies(page), [`askfirst=${foreign}`, `askfirst_k1=${page.token}`]);
  await page.click("withdraw");
  assert.deepEqual(cookies(page), [`askfirst=${foreign}`, "askfirst_k1=no"]);
  page.close();
});

test("law 5: withdrawing a yes of before ends it, and nothing of it comes back", async () => {
  const page = await open({ cookies: [`askfirst=${mine}`], answers: manifest(1) });
  await page.click("withdraw");
  assert.deepEqual(
    page.posts.filter(({ path }) => path === "consent").map(({ body }) => body.token),
    [mine],
  );
  assert.deepEqual(cookies(page), ["askfirst_k1=no"]);
  page.close();
});

for (const [where, tag] of [
  ["by the script", "https://other.example/tag.js"],
  ["by the script, though the server is near", "https://www.example.org/askfirst/tag.js"],
])
  test(`a yes of before that is renewed leaves one cookie, which is set ${where}`, async () => {
    const answers = { ...manifest(1), ...worded({ purposes: [STATISTICS, VIDEOS] }) };
    const page = await open({ tag, cookies: [`askfirst=${mine}`], answers, active: true });
    assert.equal(page.choice, "granted");
    await page.window.askfirst.consent.set({ statistics: true, videos: true });
    await quiet();
    assert.equal(page.posts.find(({ path }) => path === "consent").body.token, mine);
    assert.deepEqual(cookies(page), [`askfirst_k1=${page.token}`]);
    page.close();
  });

test("law 5: a no that is said while it is not known whose the older yes is ends it as well", async () => {
  let tell;
  const answers = {
    "GET manifest/k1.json": () =>
      new Promise((told) => (tell = () => told({ json: { site_number: 1 } }))),
  };
  const page = await open({ cookies: [`askfirst=${mine}`], answers });
  assert.equal(page.choice, "none");
  assert.equal(page.find("#askfirst-banner"), null); // not asked before it is known
  page.window.askfirst.consent.withdraw();
  tell();
  await quiet();
  assert.equal(page.choice, "refused");
  assert.deepEqual(cookies(page), ["askfirst_k1=no"]);
  assert.deepEqual(page.events, []);
  const told = page.posts.map(({ path, body }) => [path, body.choice, body.token]);
  assert.deepEqual(told.at(-1), ["consent", "withdraw", mine]); // so that no copy of it can be used either
  page.close();
});

test("law 5: it is ended too where the server's answer to the no has taken its cookie already", async () => {
  let tell;
  const answers = {
    "GET manifest/k1.json": () =>
      new Promise((told) => (tell = () => told({ json: { site_number: 1 } }))),
  };
  const page = await open({ cookies: [`askfirst=${mine}`], answers });
  page.window.askfirst.consent.withdraw();
  page.jar.setCookieSync("askfirst=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", PAGE);
  tell();
  await quiet();
  assert.equal(page.choice, "refused");
  assert.deepEqual(cookies(page), ["askfirst_k1=no"]);
  assert.equal(page.posts.at(-1).body.token, mine);
  page.close();
});

test("a yes of before whose cookie is gone meanwhile is not taken over", async () => {
  let tell;
  const answers = {
    "GET manifest/k1.json": () =>
      new Promise((told) => (tell = () => told({ json: { site_number: 1 } }))),
  };
  const page = await open({ cookies: [`askfirst=${mine}`], answers });
  page.jar.setCookieSync("askfirst=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", PAGE);
  tell();
  await quiet();
  assert.equal(page.choice, "none");
  assert.deepEqual([cookies(page), page.posts], [[], []]);
  page.close();
});

test("a yes of before that no longer serves is renewed, not forgotten and not asked about for ever", async () => {
  const outdated = { status: 403, json: { error: { code: "outdated" } } };
  const answers = { ...manifest(1), "POST event": () => outdated };
  const page = await open({ cookies: [`askfirst=${mine}`], answers });
  assert.equal(page.choice, "none");
  assert.deepEqual(cookies(page), []);
  await page.click("accept");
  assert.equal(page.posts.at(-2).body.token ?? page.posts.at(-1).body.token, mine);
  page.close();
});

for (const [what, answer] of [
  ["fails", { status: 500 }],
  ["does not say the number", { json: {} }],
])
  test(`law 1: where the manifest ${what} a yes of before counts nowhere, and the banner comes`, async () => {
    const answers = { "GET manifest/k1.json": () => answer };
    for (const cookie of [mine, "junk", "a.b"]) {
      const page = await open({ cookies: [`askfirst=${cookie}`], answers });
      assert.equal(page.choice, "none");
      assert.ok(page.find("#askfirst-banner"));
      assert.deepEqual(page.posts, []);
      page.close();
    }
  });

test("law 1: where the part that tells does not load the banner comes", async () => {
  const page = await open({ cookies: [`askfirst=${mine}`], missing: ["earlier.js"] });
  assert.equal(page.choice, "none");
  assert.ok(page.find("#askfirst-banner"));
  assert.deepEqual(page.posts, []);
  page.close();
});

test("GPC is a no to a yes of before, but for one that was given in spite of it", async () => {
  for (const [x, expected] of [
    [false, "none"],
    [true, "granted"],
  ]) {
    const token = tokenOf({ s: 1, u: until, ...(x && { x }) });
    const page = await open({ cookies: [`askfirst=${token}`], answers: manifest(1), gpc: true });
    assert.equal(page.choice, expected);
    assert.equal(page.find("#askfirst-banner"), null);
    page.close();
  }
});

test("law 6: the offer to erase of another site on this host does not show here", async () => {
  const session = { askfirst: `${foreign} told`, askfirst_k2: foreign };
  const page = await open({ cookie: "no", session });
  assert.equal(page.find("#askfirst-erasure"), null);
  assert.deepEqual(page.posts, []);
  assert.deepEqual(page.session, session);
  page.close();
});

test("law 5: a no to another site that another tab tells of is none here", async () => {
  const told = {};
  const prepare = (window) => {
    window.cookieStore = { addEventListener: (_type, hear) => (told.hear = hear) };
  };
  const page = await open({ url: PAGE, prepare, cookie: mine });
  for (const name of ["askfirst_k2", "askfirst_k11", "askfirst"]) {
    told.hear({ changed: [{ name, value: "no" }] });
    await quiet();
    assert.equal(page.choice, "granted", name);
  }
  page.jar.setCookieSync("askfirst_k1=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", PAGE);
  told.hear({ changed: [{ name: "askfirst_k1", value: "no" }] });
  await quiet();
  assert.equal(page.choice, "refused");
  page.close();
});

for (const key of ["k1(", "k[1", ".*", "$"])
  test(`a key that is none, ${key}, is named on the console and reads no other site's choice`, async () => {
    const answers = { [`GET wording/${key}.json`]: () => ({ status: 404 }) };
    const attributes = `data-site="${key}"`;
    const page = await open({ attributes, answers, cookies: ["askfirst_k1=no"] });
    assert.deepEqual(page.choices, [{ choice: "none", purposes: [] }]);
    assert.match(page.said.join(), /there is no site with the key/);
    assert.deepEqual([page.cookieWrites, page.errors], [[], []]);
    page.close();
  });
