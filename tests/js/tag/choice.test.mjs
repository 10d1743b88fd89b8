// The choice: what is read from the cookie, what is stored, and what must not be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DAY, assertSent, open, openGranted, quiet, tokenOf, worded } from "../world.mjs";

const nothingStored = (page) => {
  assert.equal(page.cookie, "");
  assert.equal(page.window.localStorage.length, 0);
  assert.equal(page.window.sessionStorage.length, 0);
};

test("law 1: before a choice nothing is stored and nothing but the banner's files is fetched", async () => {
  const page = await open();
  await page.clock.advance(60_000);

  nothingStored(page);
  assert.deepEqual(page.cookieWrites, []);
  assert.deepEqual(page.posts, []);
  assert.deepEqual(page.loaded, ["tag.js", "banner.js"]);
  assert.deepEqual(page.requests.map(({ path }) => path), ["wording/k1.json"]);
  assert.equal(page.choice, "none");
  assert.deepEqual(page.errors, []);
});

test("law 1: scrolling, moving in the history, clicking links and Escape are never a yes", async () => {
  const page = await open();
  page.window.dispatchEvent(new page.window.Event("scroll"));
  page.window.history.pushState(null, "", "/second");
  await page.click(page.find("#in"));
  await page.press("Escape");
  await page.clock.advance(60_000);

  nothingStored(page);
  assert.deepEqual(page.posts, []);
  assert.ok(page.find("#askfirst-banner"));
});

test("law 1: nothing that happened before the yes is sent after it", async () => {
  const page = await open();
  page.window.history.pushState(null, "", "/before");
  await page.click(page.find("#in"));
  await page.click("accept");

  await assertSent(page, {
    expected: [{ kind: "page_view", url: "https://www.example.org/before" }],
    refuted: [{ kind: "link_click" }, { url: "https://www.example.org/start?from=mail" }],
  });
});

test("a yes keeps the server's token for as long as it is valid", async () => {
  const page = await open();
  await page.click("accept");

  assert.equal(page.cookie, `askfirst_k1=${page.token}`);
  assert.deepEqual(page.choices.at(-1), { choice: "granted", purposes: ["statistics"] });
  const until = new Date(page.clock.now + 180 * DAY).toUTCString();
  assert.match(page.cookieWrites.at(-1), new RegExp(`Path=/; SameSite=Lax; Domain=; Expires=${until}; Secure$`));
});

test("a cookie that the server has set is not written again", async () => {
  const page = await open();
  page.answers["POST consent"] = () => {
    page.jar.setCookieSync(`askfirst_k1=${page.token}; Path=/`, page.window.location.href);
    return { json: { choice: "granted", token: page.token, days: 180 } };
  };
  await page.click("accept");

  assert.deepEqual(page.cookieWrites, []);
  assert.equal(page.choice, "granted");
});

test("law 4: two people who refuse on one day have the same bytes", async () => {
  const today = Math.floor(Date.now() / DAY) * DAY;
  const early = await open({ now: today + 1000 });
  const late = await open({ now: today + DAY - 1000 });
  await early.click("refuse");
  await late.click("refuse");

  assert.equal(early.cookie, "askfirst_k1=no");
  assert.equal(late.cookie, "askfirst_k1=no");
  assert.deepEqual(early.cookieWrites, late.cookieWrites);
  const midnight = new Date(today + 180 * DAY).toUTCString();
  assert.ok(early.cookieWrites.at(-1).includes(`Expires=${midnight}`));
});

test("law 4: a refusal sends the site's key, the word, and to which words it was said", async () => {
  const page = await open();
  await page.click("refuse");

  const said = { site: "k1", choice: "refuse", language: "en", version: 3 };
  assert.deepEqual(page.posts.map(({ body }) => body), [said]);
});

test("a refusal is kept and respected when the server is down", async () => {
  const page = await open({ answers: { "POST consent": () => new Error("down") } });
  await page.click("refuse");
  await page.clock.advance(600_000);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.find("#askfirst-banner"), null);
  assert.equal(page.posts.length, 1);
});

test("after a refusal nobody is asked again and nothing is sent", async () => {
  const page = await open({ cookie: "no" });
  page.window.history.pushState(null, "", "/second");
  await page.clock.advance(60_000);

  assert.deepEqual(page.requests, []);
  assert.deepEqual(page.loaded, ["tag.js"]);
  assert.ok(page.find("#askfirst-control"));
});

test("the days of the server's answer hold where the cookie is the script's own", async () => {
  const elsewhere = { tag: "https://other.example/tag.js" };
  for (const days of [30, 393]) {
    const page = await open({ ...elsewhere, answers: { "POST consent": () => ({ json: { days } }) } });
    await page.click("refuse");

    const midnight = new Date((Math.floor(page.clock.now / DAY) + days) * DAY).toUTCString();
    assert.ok(page.cookieWrites.at(-1).includes(`Expires=${midnight}`));
  }
});

test("where the browser keeps no cookie a no still holds for the page, and a yes fails", async () => {
  const no = await open({ noCookies: true });
  await no.click("refuse");
  const yes = await open({ noCookies: true });
  await yes.click("accept");

  assert.equal(no.choice, "refused");
  assert.equal(no.find("#askfirst-banner"), null);
  assert.equal(yes.choice, "none");
  assert.equal(yes.posts.at(-1).body.choice, "withdraw");
  await assertSent(yes, { expected: [] });
});

test("an expired, mangled or empty token counts as no choice", async () => {
  const now = Date.now();
  const odd = [tokenOf({ u: now }), tokenOf({ u: now + DAY, p: [] }), "garbage", "e30.x", "W10.x"];
  for (const cookie of odd) {
    const page = await open({ cookie, now });

    assert.equal(page.choice, "none", cookie);
    assert.ok(page.find("#askfirst-banner"), cookie);
    await assertSent(page, { expected: [] });
  }
});

test("a yes that runs out while the page is open is asked for again", async () => {
  const now = Date.now();
  const page = await openGranted({ now, token: tokenOf({ u: now + DAY }) });
  await page.clock.advance(2 * DAY);
  page.window.history.pushState(null, "", "/second");
  await page.lookAgain();

  assert.equal(page.events.length, 1);
  assert.ok(page.find("#askfirst-banner"));
});

test("GPC is a refusal: no banner, no storage, no request; the control stays", async () => {
  const page = await open({ gpc: true });
  await page.clock.advance(60_000);

  nothingStored(page);
  assert.deepEqual(page.requests, []);
  assert.deepEqual(page.loaded, ["tag.js"]);
  assert.equal(page.find("#askfirst-banner"), null);
  assert.ok(page.button("control"));
});

test("GPC in the header alone, which the words tell, is a refusal too; the control stays", async () => {
  const page = await open({ answers: worded({ gpc: true }) });
  await page.clock.advance(60_000);

  nothingStored(page);
  assert.deepEqual(page.posts, []);
  assert.equal(page.find("#askfirst-banner"), null);
  await page.click("control");
  assert.match(page.button("state").textContent, /text gpc/);
});

test("GPC: an explicit yes in the preferences wins and says that the signal was there", async () => {
  const page = await open({ gpc: true });
  await page.click("control");
  assert.match(page.button("state").textContent, /text gpc/);
  await page.click(page.find("#askfirst-purpose-statistics"));
  await page.click("save");

  assert.equal(page.choice, "granted");
  assert.equal(page.posts[0].body.gpc, true);
  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("law 5: one click on the permanent control withdraws, at once and for good", async () => {
  const page = await openGranted();
  await page.click("withdraw");
  page.window.history.pushState(null, "", "/second");
  await page.clock.advance(60_000);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.choice, "refused");
  assert.deepEqual(page.posts.at(-1).body, {
    site: "k1",
    choice: "withdraw",
    token: page.token,
    method: "preferences",
  });
  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("law 5: after a withdrawal in one tab the other sends nothing", async () => {
  const one = await openGranted();
  const two = await open({ jar: one.jar });
  await one.click("withdraw");
  two.window.history.pushState(null, "", "/second");
  await two.click(two.find("#in"));
  await two.lookAgain();

  await assertSent(two, { expected: [{ kind: "page_view" }] });
  assert.equal(two.choice, "refused");
  assert.equal(two.button("withdraw"), null);
});

test("a withdrawal that does not reach the server holds here and is told again", async () => {
  let down = true;
  const consent = () => (down ? new Error("down") : { json: { choice: "withdrawn", days: 180 } });
  const page = await openGranted({ answers: { "POST consent": consent } });
  await page.click("withdraw");
  await page.clock.advance(5_000);
  down = false;
  await page.clock.advance(60_000);
  const told = page.posts.filter(({ path }) => path === "consent").length;
  await page.clock.advance(600_000);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.ok(told > 1);
  assert.equal(page.posts.filter(({ path }) => path === "consent").length, told);
});

test("a refusal overtakes a yes that is still on its way", async () => {
  let answer;
  const page = await open();
  page.answers["POST consent"] = ({ choice }) =>
    choice === "accept"
      ? new Promise((done) => (answer = done))
      : { json: { choice: "refused", days: 180 } };
  await page.click("accept");
  await page.click("refuse");
  page.jar.setCookieSync(`askfirst_k1=${page.token}; Path=/`, page.window.location.href);
  answer({ json: { choice: "granted", token: page.token, days: 180 } });
  await quiet();

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.choice, "refused");
  assert.deepEqual(page.posts.map(({ body }) => body.choice), ["accept", "refuse", "withdraw"]);
  await assertSent(page, { expected: [] });
});

test("a cookie of the parent domain does not outlive a refusal", async () => {
  const page = await openGranted();
  page.jar.setCookieSync(`askfirst_k1=${page.token}; Domain=example.org; Path=/`, page.window.location.href);
  await page.click("withdraw");

  assert.equal(page.cookie, "askfirst_k1=no");
});

test("cookies of the site itself are left alone", async () => {
  const page = await open();
  page.jar.setCookieSync("basket=3; Path=/", page.window.location.href);
  await page.click("refuse");

  assert.equal(page.cookie, "basket=3; askfirst_k1=no");
});

test("a tag without a site key does nothing, and a second tag does not double the first", async () => {
  const none = await open({ attributes: "" });
  const script = `<script src="https://www.example.org/askfirst/tag.js" data-site="k1"></script>`;
  const twice = await openGranted({ body: `<main></main>${script}` });

  assert.deepEqual(none.requests, []);
  assert.deepEqual(none.errors, []);
  await assertSent(twice, { expected: [{ kind: "page_view" }] });
  assert.deepEqual(twice.errors, []);
});

test("the page's API tells the choice, asks, sets and withdraws", async () => {
  const page = await open({ active: true });
  const { consent } = page.window.askfirst;
  await consent.set({ statistics: true });
  await quiet();
  const got = JSON.stringify(consent.get());
  consent.withdraw();
  await quiet();

  assert.equal(got, '{"choice":"granted","purposes":["statistics"]}');
  assert.equal(page.posts[0].body.method, "api");
  assert.equal(page.posts[0].body.notice, "ab".repeat(32));
  assert.equal(page.posts.at(-1).body.method, "api");
  assert.deepEqual(page.choices.map((it) => it.choice), ["none", "granted", "refused"]);
});

test("setting a purpose that is granted already asks the server nothing", async () => {
  const page = await openGranted();
  await page.window.askfirst.consent.set({ statistics: true });
  await quiet();

  assert.deepEqual(page.posts.map(({ path }) => path), ["event"]);
});

test("setting every purpose to false refuses", async () => {
  const page = await open();
  page.window.askfirst.consent.set({ statistics: false });
  await quiet();

  assert.equal(page.cookie, "askfirst_k1=no");
});

test("a page that is rendered ahead waits until somebody sees it", async () => {
  const page = await openGranted({ prerendering: true });
  await assertSent(page, { expected: [] });
  page.window.document.prerendering = false;
  page.window.document.dispatchEvent(new page.window.Event("prerenderingchange"));
  await quiet();

  await assertSent(page, { expected: [{ kind: "page_view" }] });
});

test("requirement 51: a yes by the page's code counts only just after a person's gesture", async () => {
  const page = await open();
  await page.window.askfirst.consent.set({ statistics: true });
  await quiet();
  assert.deepEqual(page.posts, []);
  assert.equal(page.cookie, "");
  page.window.askfirst.consent.set({});
  await quiet();

  assert.equal(page.cookie, "askfirst_k1=no");
});

test("cookies cleared half-way: nothing more is sent, and the banner comes back", async () => {
  const page = await openGranted();
  page.jar.removeAllCookiesSync();
  page.window.history.pushState(null, "", "/second");
  await page.lookAgain();

  await assertSent(page, { expected: [{ kind: "page_view" }] });
  assert.equal(page.choice, "none");
  assert.ok(page.find("#askfirst-banner"));
});

test("a clock that jumps ahead asks again, and back again finds the yes where it was", async () => {
  const page = await openGranted();
  page.clock.now += 400 * DAY;
  await page.lookAgain();
  assert.equal(page.choice, "none");
  assert.ok(page.find("#askfirst-banner"));
  page.clock.now -= 400 * DAY;
  await page.lookAgain();

  assert.equal(page.choice, "granted");
  assert.equal(page.find("#askfirst-banner"), null);
});

test("requirement 49: GPC ends a yes that was given without it, and keeps one given in spite of it", async () => {
  const now = 1.7e12;
  const u = now + DAY;
  const before = await open({ now, gpc: true, cookie: tokenOf({ u }) });
  assert.equal(before.choice, "none");
  assert.equal(before.find("#askfirst-banner"), null);
  assert.deepEqual(before.events, []);

  const despite = await open({ now, gpc: true, cookie: tokenOf({ u, x: true }) });
  assert.equal(despite.choice, "granted");
  assert.equal(despite.events.length, 1);
});
