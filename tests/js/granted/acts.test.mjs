// What a visitor does besides going to other pages: forms, and the site's own events by attribute and by call.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertSent, open, openGranted, quiet } from "../world.mjs";

const URL_HERE = "https://www.example.org/start?from=mail";

async function submit(page, selector, submitter) {
  const event = new page.window.SubmitEvent("submit", { bubbles: true, cancelable: true, submitter });
  page.find(selector).dispatchEvent(event);
  await quiet();
}

const FORMS = {
  [`<form id="newsletter" name="n">`]: "newsletter",
  [`<form name="search">`]: "search",
  [`<form>`]: "",
  [`<form id="order"><input name="id"><input name="method" value="dialog">`]: "order",
};

for (const [markup, form] of Object.entries(FORMS))
  test(`a submission of ${markup} tells which form, and nothing of what is in it`, async () => {
    const page = await openGranted({ body: `${markup}<input name="mail" value="a@b.example"></form>` });
    page.find("form").addEventListener("submit", (event) => event.preventDefault());
    await submit(page, "form");

    await assertSent(page, { expected: [{}, { kind: "form_submit", url: URL_HERE, form }] });
    assert.deepEqual(Object.keys(page.events[1]).sort(), ["age", "form", "id", "kind", "url"]);
    assert.ok(!JSON.stringify(page.posts).includes("a@b.example"));
  });

test("a form that closes a dialog, and our own form, are no submissions", async () => {
  const body = `<main><form id="one" method="dialog"></form>
    <form id="two"><button formmethod="dialog"></button></form><form id="askfirst-x"></form></main>`;
  const page = await openGranted({ body });
  await submit(page, "#one");
  await submit(page, "#two", page.find("#two button"));
  await submit(page, "#askfirst-x");

  await assertSent(page, { expected: [{}] });
});

test("fields may be called like what a form has itself", async () => {
  const names = ["attributes", "dataset", "matches", "getAttribute", "getAttributeNames", "nodeType", "closest"];
  const fields = names.map((name) => `<input name="${name}">`).join("");
  const body = `<form id="order" data-askfirst-event="buy" data-askfirst-prop-kind="book">${fields}<a href="/next">x</a></form>`;
  const page = await openGranted({ body });
  await submit(page, "form");
  await page.click(page.find("a"));

  const expected = [{}, { kind: "form_submit", form: "order" }, { kind: "custom_event", name: "buy" }, { kind: "link_click" }];
  await assertSent(page, { expected });
  assert.deepEqual(page.events[2].props, { kind: "book" });
  assert.deepEqual(page.errors.filter((error) => !error.includes("Not implemented")), []);
});

test("a form that comes later is known once somebody is in it, and a page without one loads nothing for it", async () => {
  const page = await openGranted();
  assert.ok(!page.loaded.includes("custom.js"));
  page.find("main").innerHTML = `<form id="late"><input></form>`;
  page.find("input").focus();
  await quiet();
  assert.ok(page.loaded.includes("custom.js"));
  await submit(page, "form");

  await assertSent(page, { expected: [{}, { kind: "form_submit", form: "late" }] });
});

test("an area of a map is a link, and a script's click on a link counts", async () => {
  const page = await openGranted({ body: `<map><area id="area" href="/area"></map>` });
  await page.click(page.find("#area"));
  page.find("#area").click();

  const link = (path) => ({ link_url: `https://www.example.org${path}`, link_kind: "internal" });
  await assertSent(page, { expected: [{}, link("/area"), link("/area")] });
});

test("the owner may say which endings are downloads", async () => {
  const attributes = `data-site="k1" data-downloads="stl, GPX"`;
  const body = `<a id="a" href="/a.gpx">a</a><a id="b" href="/b.pdf">b</a><a id="c" href="/c.">c</a>`;
  const page = await openGranted({ attributes, body });
  for (const id of ["a", "b", "c"]) await page.click(page.find(`#${id}`));

  const kinds = ["download", "internal", "internal"];
  await assertSent(page, { expected: [{}, ...kinds.map((link_kind) => ({ link_kind }))] });
});

const MARKED = `<button id="it" data-askfirst-event="signup" data-askfirst-prop-plan="free"
  data-askfirst-prop-step-2="a"><b>It</b></button>`;

test("a click on a marked element is an event with its properties", async () => {
  const page = await openGranted({ body: MARKED });
  await page.click(page.find("b"));
  await page.click(page.find("b"), { button: 1 }, "auxclick");

  await assertSent(page, { expected: [{}, { kind: "custom_event", name: "signup", url: URL_HERE }] });
  assert.deepEqual(page.events[1].props, { plan: "free", "step-2": "a" });
});

test("a marked link is both, and a marked form counts when it is sent, not when it is clicked", async () => {
  const body = `<a id="it" href="/next" data-askfirst-event="go">It</a>
    <form data-askfirst-event="buy" data-askfirst-amount="19.90" data-askfirst-currency="EUR"><i>x</i></form>`;
  const page = await openGranted({ body });
  await page.click(page.find("i"));
  await page.click(page.find("#it"));
  await submit(page, "form");

  const kinds = ["page_view", "link_click", "custom_event", "form_submit", "custom_event"];
  await assertSent(page, { expected: kinds.map((kind) => ({ kind })) });
  const [{ name, amount, currency }] = page.events.slice(-1);
  assert.deepEqual([name, amount, currency], ["buy", 19.9, "EUR"]);
});

test("track sends name, typed properties, amount and currency", async () => {
  const page = await openGranted();
  const props = { items: 3, gift: false, size: "L", big: "x".repeat(500) };
  page.window.askfirst.track("order", props, { amount: -5.5, currency: "JPY" });
  page.window.askfirst.track("plain");
  await quiet();

  const first = { kind: "custom_event", name: "order", amount: -5.5, currency: "JPY" };
  await assertSent(page, { expected: [{}, first, { name: "plain" }] });
  assert.deepEqual(page.events[1].props, props);
});

const many = (count, of) => Object.fromEntries(Array.from({ length: count }, (_, n) => of(n)));
const WRONG = {
  "no name": [],
  "an empty name": [" "],
  "a name that is a number": [7],
  "a long name": ["x".repeat(65)],
  "properties that are a list": ["a", ["b"]],
  "properties that are text": ["a", "b"],
  "ten thousand properties": ["a", many(10_000, (n) => [n, n])],
  "a property without a name": ["a", { "": 1 }],
  "a long name of a property": ["a", { ["x".repeat(65)]: 1 }],
  "a megabyte": ["a", { b: "x".repeat(1e6) }],
  "more than 4 KB": ["a", many(9, (n) => [n, "é".repeat(400)])],
  "an object in a property": ["a", { b: {} }],
  "a function in a property": ["a", { toJSON: () => 1 }],
  "no number": ["a", { b: NaN }],
  "an endless number": ["a", { b: Infinity }],
  "a missing value": ["a", { b: undefined }],
  "a getter that throws": ["a", Object.defineProperty({}, "b", { enumerable: true, get: () => null.x })],
  "an amount without a currency": ["a", {}, { amount: 1 }],
  "a currency without an amount": ["a", {}, { currency: "EUR" }],
  "a currency that is none": ["a", {}, { amount: 1, currency: "euro" }],
  "an amount that is text": ["a", {}, { amount: "1", currency: "EUR" }],
  "an endless amount": ["a", {}, { amount: Infinity, currency: "EUR" }],
  "money that is null": ["a", {}, null],
};

test("a wrong call warns on the console, sends nothing and throws nothing", async () => {
  const page = await openGranted();
  page.window.askfirst.track("right");
  await quiet();
  for (const [name, call] of Object.entries(WRONG)) {
    page.said.length = 0;
    page.window.askfirst.track(...call);

    assert.equal(page.said.length, 1, name);
    assert.match(page.said[0], /^warn: Askfirst: track\(\) sends nothing/);
  }
  await assertSent(page, { expected: [{}, { name: "right" }] });
  assert.deepEqual(page.errors, []);
});

test("law 1: a call before a yes does nothing, keeps nothing and loads nothing", async () => {
  for (const options of [{}, { cookie: "no" }, { gpc: true }]) {
    const page = await open({ ...options, body: MARKED, active: true });
    page.window.askfirst.track("signup");
    await page.click(page.find("b"));
    assert.ok(!page.loaded.includes("custom.js"));
    await page.window.askfirst.consent.set({ statistics: true });
    await quiet();

    assert.ok(page.events.every(({ kind }) => kind === "page_view"));
  }
});

test("a call after the yes is not lost while the scripts for it load", async () => {
  let arrive;
  const late = { "granted.js": new Promise((done) => (arrive = done)) };
  const page = await openGranted({ late });
  const { track } = page.window.askfirst;
  track("early", { n: 1 });
  await page.clock.advance(5_000);
  await assertSent(page, { expected: [] });
  arrive();
  await quiet();
  track("later");
  await quiet();

  await assertSent(page, { expected: [{}, { name: "early" }, { name: "later" }] });
});

test("law 5: a call after a withdrawal sends nothing", async () => {
  const page = await openGranted();
  page.window.askfirst.track("one");
  await quiet();
  await page.click("withdraw");
  page.window.askfirst.track("two");
  await page.clock.advance(60_000);

  await assertSent(page, { expected: [{ kind: "page_view" }] });
});
