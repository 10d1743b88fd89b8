// The wire format: what the scripts send matches the examples that the server's tests read too.

import assert from "node:assert/strict";
import { test } from "node:test";

import { open, openGranted, wire } from "../world.mjs";

const STANDS_FOR = { site: "SITE", token: "TOKEN", notice: "NOTICE" };
const OWN = { id: "an id", age: 0, version: 1 };

/** Replace the values that differ between messages, such as ids and ages. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || !value) return value;
  const pairs = Object.entries(value).map(([key, it]) => [
    key,
    STANDS_FOR[key] ?? OWN[key] ?? plain(it),
  ]);
  return Object.fromEntries(pairs);
}

const example = (file, name) => {
  const found = wire(file).valid.find((it) => it.name === name);
  assert.ok(found, name);
  return plain(found.body);
};

const sent = (page, path) =>
  page.posts.filter((post) => post.path === path).map(({ body }) => plain(body));

test("page views have the shape of the examples", async () => {
  const referred = await openGranted({ referrer: "https://search.example/" });
  const direct = await openGranted();

  assert.deepEqual(sent(referred, "event"), [example("event", "the first page view of a visit")]);
  assert.deepEqual(sent(direct, "event"), [example("event", "a page view that nobody referred")]);
});

test("link clicks have the shape of the examples", async () => {
  const page = await openGranted();
  await page.click(page.find("#in"));

  await page.clock.advance(500);

  assert.deepEqual(sent(page, "event").at(-1), example("event", "a click on an internal link"));
});

const loaded = (window) => {
  window.performance.getEntriesByType = () => [{ responseStatus: 404, responseStart: 210 }];
  window.document.addEventListener("DOMContentLoaded", () => {
    const link = Object.assign(window.document.createElement("link"), { rel: "canonical", href: "/404" });
    window.document.head.append(link);
  });
};

test("a page that was not found has the shape of the example", async () => {
  const prepare = (window) => {
    loaded(window);
    Object.defineProperty(window, "screen", { value: { width: 390, height: 844 } });
    window.navigator.maxTouchPoints = 5;
  };
  const page = await openGranted({ url: "https://www.example.org/gone", title: "Not found", prepare });

  assert.deepEqual(sent(page, "event"), [example("event", "a page that was not found, from a phone")]);
});

test("reading, vitals, links to mail, forms and own events have the fields of the example", async () => {
  const body = `<a id="mail" href="mailto:info@example.org">Mail</a><form id="newsletter"></form>`;
  const page = await openGranted({ height: 100, seen: 80, body, prepare: loaded });
  page.window.askfirst.track("order", { items: 3, gift: false, size: "L" }, { amount: 19.99, currency: "EUR" });
  await page.click(page.find("#mail"));
  page.find("form").dispatchEvent(new page.window.Event("submit", { bubbles: true }));
  await page.clock.advance(360_000);
  await page.leave();

  const name = "a page that was read, measured and left by mail, a form and a marked action, in one request";
  const fields = (event) => `${event.kind}: ${Object.keys(event).sort()}`;
  const measured = ({ kind }) => kind === "web_vitals"; // what jsdom measures of it is one number
  const wanted = example("event", name).events.filter((one) => !measured(one)).map(fields);
  const found = page.events.filter((one) => !measured(one)).map(fields);

  assert.deepEqual(found.slice(1).sort(), wanted.sort());
  assert.deepEqual(page.events.filter(measured).map(({ ttfb_ms }) => ttfb_ms), [210]);
  assert.equal(page.events.find(({ kind }) => kind === "engagement").engaged_ms, 360_000);
});

test("a yes, a no and a withdrawal have the shape of the examples", async () => {
  const page = await open();
  await page.click("accept");
  await page.click("withdraw");
  const other = await open();
  await other.click("refuse");

  assert.deepEqual(sent(page, "consent"), [
    example("consent", "a yes on the banner"),
    example("consent", "a yes taken back"),
  ]);
  assert.deepEqual(sent(other, "consent"), [example("consent", "a no, the same for everybody")]);
});

test("a yes in the preferences with the signal on has the shape of the example", async () => {
  const page = await open({ gpc: true });
  await page.click("control");
  await page.click(page.find("#askfirst-purpose-statistics"));
  await page.click("save");

  const name = "a yes in the preferences in spite of a standing signal";
  assert.deepEqual(sent(page, "consent"), [example("consent", name)]);
});

test("every wrong example says which code, and where it is one field's fault, which field", () => {
  for (const file of ["event", "consent"])
    for (const { name, code, body } of wire(file).invalid) {
      assert.ok(name && code && body, `${file}: ${name}`);
    }
});
