// The banner: what it says, how it is answered, and what does not count as an answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { STATISTICS, VIDEOS, WORDING, assertSent, open, openGranted, quiet, tokenOf, worded } from "../world.mjs";

const down = { answers: { "POST consent": () => new Error("down") } };

test("the banner says who asks, what for, how long, and offers both answers and the policy", async () => {
  const page = await open();
  const bar = page.find("#askfirst-banner");
  const { texts } = WORDING;

  for (const said of ["Elm Library", "Visit statistics", "25 months", texts.title, texts.intro])
    assert.ok(bar.textContent.includes(said), said);
  assert.equal(page.button("accept").textContent, texts.accept);
  assert.equal(page.button("refuse").textContent, texts.refuse);
  assert.equal(bar.querySelector("a").href, "https://www.example.org/askfirst/policy/k1");
});

test("the banner is a named region behind the page, in the language of its words", async () => {
  const page = await open();
  const bar = page.find("#askfirst-banner");

  assert.equal(bar.localName, "section");
  assert.equal(page.find(`#${bar.getAttribute("aria-labelledby")}`).textContent, WORDING.texts.title);
  assert.equal(page.window.document.body.lastElementChild, bar);
  assert.equal(bar.lang, "en");
  assert.equal(bar.dir, "ltr");
});

test("who walks by the Tab key meets the banner before the page", async () => {
  const page = await open();
  const { body } = page.window.document;
  await page.press("a");
  assert.equal(body.firstElementChild.localName, "main");
  await page.press("Tab");

  assert.equal(body.firstElementChild, page.find("#askfirst-banner"));
});

test("what has the focus is not moved, for it would lose it", async () => {
  const page = await open();
  page.button("refuse").focus();
  await page.press("Tab");

  assert.equal(page.window.document.activeElement, page.button("refuse"));
  assert.equal(page.window.document.body.lastElementChild, page.find("#askfirst-banner"));
});

test("accept and refuse are equal: the same element, side by side, one click each", async () => {
  const page = await open();
  const [accept, refuse] = [page.button("accept"), page.button("refuse")];
  const bare = (element) => element.outerHTML.replaceAll(/accept|refuse/g, "");

  assert.equal(bare(accept), bare(refuse));
  assert.equal(accept.parentElement, refuse.parentElement);
});

test("the banner is asked for in the page's language, or in the one the owner names", async () => {
  const page = await open();
  const named = await open({ attributes: `data-site="k1" data-lang="pt-BR"` });

  assert.equal(page.requests[0].search, "?lang=en&layer=first&since=0");
  assert.equal(named.requests[0].search, "?lang=pt-BR&layer=first&since=0");
});

test("right to left: the banner takes the direction of its words", async () => {
  const page = await open({ answers: worded({ language: "ar", direction: "rtl" }) });

  assert.equal(page.find("#askfirst-banner").dir, "rtl");
});

test("a yes sends its proof before any event, and the banner is gone", async () => {
  const page = await open();
  await page.click("accept");

  assert.deepEqual(page.posts.map(({ path }) => path), ["consent", "event"]);
  assert.deepEqual(page.posts[0].body, {
    site: "k1",
    choice: "accept",
    purposes: ["statistics"],
    version: 3,
    notice: "ab".repeat(32),
    language: "en",
    method: "banner",
    gpc: false,
  });
  assert.equal(page.find("#askfirst-banner"), null);
});

test("a scripted click on accept is not a yes", async () => {
  const page = await open();
  page.button("accept").click();
  page.button("accept").dispatchEvent(new page.window.MouseEvent("click", { bubbles: true }));
  await quiet();

  assert.deepEqual(page.posts, []);
  assert.equal(page.cookie, "");
  assert.ok(page.find("#askfirst-banner"));
});

test("a scripted click on refuse is a no", async () => {
  const page = await open();
  page.button("refuse").click();
  await quiet();

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.find("#askfirst-banner"), null);
});

test("a yes that does not reach the server says so, stores nothing, sends nothing, and leaves the banner", async () => {
  for (const answer of [new Error("down"), { status: 503 }, { status: 400 }, { json: {} }]) {
    const page = await open({ answers: { "POST consent": () => answer } });
    await page.click("accept");

    assert.equal(page.find("#askfirst-banner [role=alert]").textContent, WORDING.texts.failed);
    assert.equal(page.cookie, "");
    assert.equal(page.choice, "none");
    await assertSent(page, { expected: [] });
  }
});

test("a yes that failed can be said again, and a no as well", async () => {
  const page = await open(down);
  await page.click("accept");
  page.answers["POST consent"] = ({ choice }) => ({ json: page.choiceAnswer(choice) });
  await page.click("accept");

  assert.equal(page.choice, "granted");
});

test("two clicks on accept are one yes", async () => {
  let answer;
  const page = await open({
    answers: { "POST consent": () => new Promise((done) => (answer = done)) },
  });
  await page.click("accept");
  await page.click("accept");
  answer({ json: page.choiceAnswer("accept") });
  await quiet();

  assert.equal(page.posts.filter(({ path }) => path === "consent").length, 1);
  assert.equal(page.choice, "granted");
});

test("the result is announced, and the focus does not get lost", async () => {
  for (const [name, text] of [["accept", "thanks"], ["refuse", "refused"]]) {
    const page = await open();
    page.button(name).focus();
    await page.click(name);
    await page.clock.advance(200);

    assert.equal(page.find("[role=status]").textContent, WORDING.texts[text]);
    assert.equal(page.window.document.activeElement, page.button("control"));
    await page.clock.advance(10_000);
    assert.equal(page.find("[role=status]"), null);
  }
});

test("law 1: where the banner or its words do not load nobody is asked and nothing is recorded", async () => {
  const script = await open({ missing: ["banner.js"] });
  const words = await open({ answers: { "GET wording/k1.json": () => new Error("down") } });
  const odd = await open({ answers: { "GET wording/k1.json": () => ({ status: 500 }) } });
  for (const page of [script, words, odd]) {
    await page.clock.advance(60_000);

    assert.equal(page.find("#askfirst-banner"), null);
    assert.equal(page.cookie, "");
    assert.deepEqual(page.posts, []);
    assert.ok(page.button("control"));
  }
});

test("a wrong key or host is named on the console, and nothing is asked or shown", async () => {
  const named = { 404: /^error: Askfirst: .*data-site/, 403: /^warn: Askfirst: www\.example\.org/ };
  for (const status of [404, 403]) {
    const page = await open({ answers: { "GET wording/k1.json": () => ({ status }) } });
    await page.clock.advance(60_000);

    assert.equal(page.said.length, 1);
    assert.match(page.said[0], named[status]);
    assert.equal(page.find("[id^=askfirst]"), null);
    assert.equal(page.cookie, "");
    assert.deepEqual(page.posts, []);
  }
});

test("law 5: a yes can be withdrawn even where the wording is refused", async () => {
  const page = await openGranted({ answers: { "GET wording/k1.json": () => ({ status: 403 }) } });
  await page.click("control");
  await page.click("withdraw");

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.equal(page.posts.at(-1).body.choice, "withdraw");
});

test("a banner that did not load is fetched again when the visitor asks for it", async () => {
  const page = await open({ missing: ["banner.js"] });
  page.missing.pop();
  await page.click("control");

  assert.ok(page.find("dialog[open]"));
});

test("words that did not load are fetched again when the visitor asks for them", async () => {
  const page = await open({ answers: { "GET wording/k1.json": () => ({ status: 503 }) } });
  page.answers["GET wording/k1.json"] = () => ({ json: WORDING });
  await page.click("control");

  assert.ok(page.find("dialog[open]"));
});

test("a choice in another tab closes the banner in this one", async () => {
  const one = await open();
  const two = await open({ jar: one.jar });
  await one.click("refuse");
  await two.lookAgain();

  assert.equal(two.find("#askfirst-banner"), null);
  assert.deepEqual(two.posts, []);
});

test("words are shown as text, never as markup", async () => {
  const evil = `<img src=x onerror="alert(1)">`;
  const texts = Object.fromEntries(Object.keys(WORDING.texts).map((key) => [key, evil]));
  const fields = [{ column: evil, name: evil, text: evil }];
  const purposes = [{ id: "statistics", title: evil, text: evil, fields }];
  const changed = { texts, purposes, retention: evil, changes: [evil], rights: [evil] };
  const page = await open({ answers: worded(changed) });
  await page.click("preferences");

  assert.equal(page.find("img"), null);
  assert.ok(page.find("dialog").textContent.includes(evil));
});

test("a visitor with a valid yes loads no part of the banner", async () => {
  const page = await openGranted();

  assert.deepEqual(page.loaded, ["tag.js", "granted.js", "past.js"]);
  assert.equal(page.find("#askfirst-banner"), null);
});

test("with statistics alone the answers name them, with more purposes they say all", async () => {
  const one = await open();
  const { accept, refuse, ...others } = WORDING.texts;
  const texts = { ...others, accept_all: `${accept} all`, refuse_all: `${refuse} all` };
  const two = await open({ answers: worded({ purposes: [STATISTICS, VIDEOS], texts }) });
  const labels = (page) => ["refuse", "accept"].map((name) => page.button(name).textContent);

  assert.deepEqual(labels(one), [refuse, accept]);
  assert.deepEqual(labels(two), [texts.refuse_all, texts.accept_all]);
  assert.ok(two.find("#askfirst-banner").textContent.includes(VIDEOS.text));
  await two.click("accept");
  assert.deepEqual(two.posts[0].body.purposes, ["statistics", "videos"]);
});

test("a yes for this visit only is offered where the owner wants it, and its cookie has no end", async () => {
  const none = await open();
  assert.equal(none.button("once"), null);
  const page = await open({ answers: worded({ only_this_visit: true }) });
  page.answers["POST consent"] = () => ({
    json: { choice: "granted", token: page.token, days: 0, once: true },
  });
  page.button("once").click();
  await quiet();
  assert.deepEqual(page.posts, []);
  await page.click("once");

  assert.equal(page.posts[0].body.once, true);
  assert.match(page.cookieWrites.at(-1), /Expires=Invalid Date/); // a browser ignores this attribute
  assert.equal(page.choice, "granted");
});

test("requirement 21: an outdated yes asks again, says what changed, and is replaced by the new one", async () => {
  const said = { status: 403, json: { error: { code: "outdated", message: "No." } } };
  const changes = ["New purpose: Videos"];
  const answers = { ...worded({ changes }), "POST event": () => said };
  const page = await openGranted({ answers });
  const bar = page.find("#askfirst-banner");
  assert.ok(bar.textContent.includes(WORDING.texts.changed_title));
  assert.ok(bar.textContent.includes(changes[0]));
  assert.match(page.requests.at(-1).search, /since=3$/);
  const old = page.token;
  page.answers["POST event"] = () => ({ status: 202 });
  page.token = tokenOf({ c: "second", n: 4, u: page.clock.now + 1e9 });
  await page.click("accept");

  assert.equal(page.posts.find(({ path }) => path === "consent").body.token, old);
  assert.equal(page.cookie, `askfirst_k1=${page.token}`);
});

test("a yes that its own clock calls expired is renewed by the next one", async () => {
  const now = Date.now();
  const old = tokenOf({ u: now - 1000 });
  const page = await open({ cookie: old, now });
  await page.click("accept");

  assert.equal(page.posts[0].body.token, old);
});

test("the owner's colours are set as properties, which no policy forbids", async () => {
  const theme = { button: "#005500", dark_button: "#99ff99" };
  const page = await open({ answers: worded({ theme }) });
  const { style } = page.find("#askfirst-banner");

  assert.equal(style.getPropertyValue("--askfirst-button"), "#005500");
  assert.equal(style.getPropertyValue("--askfirst-dark_button"), "#99ff99");
});

test("after the choice the control speaks the language of the banner", async () => {
  const german = { language: "de", texts: { ...WORDING.texts, control: "Privatsphäre" } };
  const page = await open({ answers: worded(german) });
  await page.click("refuse");

  assert.equal(page.button("control").textContent, "Privatsphäre");
  assert.equal(page.find("#askfirst-control").lang, "de");
});
