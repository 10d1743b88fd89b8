// Gated content: inert without a yes to its purpose, let in by a yes, frames removed on withdrawal.

import assert from "node:assert/strict";
import { test } from "node:test";

import { STATISTICS, VIDEOS, open, openGranted, quiet, tokenOf, worded } from "../world.mjs";

const BODY = `<main>
  <template data-askfirst-purpose="videos"><iframe id="film" title="A film"></iframe></template>
  <script type="text/plain" data-askfirst-purpose="statistics" nonce="n1">window.ran = "one";</script>
  <script type="text/plain" data-askfirst-purpose="videos" data-type="module">window.ran += "two";</script>
</main>`;
const two = { body: BODY, answers: worded({ purposes: [STATISTICS, VIDEOS] }) };
const grants = (...p) => ({ token: tokenOf({ u: Date.now() + 1e9, p }) });

test("requirement 54: before a yes, after a no and without our script nothing runs", async () => {
  for (const given of [{}, { cookie: "no" }, { gpc: true }, { missing: ["tag.js"] }]) {
    const page = await open({ ...two, ...given });

    assert.equal(page.window.ran, undefined);
    assert.equal(page.find("#film"), null);
    assert.ok(!page.loaded.includes("gates.js"));
  }
});

test("a yes lets in what waits for its purpose, and nothing else", async () => {
  const page = await openGranted({ ...two, ...grants("statistics") });
  await quiet();

  assert.equal(page.window.ran, "one");
  assert.equal(page.find("#film"), null);
  assert.ok(page.find("script[data-type=module]"));
});

test("a script keeps its type, a template's frame stands where the template is", async () => {
  const page = await openGranted({ ...two, ...grants("videos") });
  await quiet();
  const script = page.find("script[type=module]");

  assert.ok(script.textContent.includes("two"));
  assert.equal(script.hasAttribute("data-askfirst-purpose"), false);
  assert.equal(page.find("#film").previousElementSibling.localName, "template");
});

test("withdrawing takes the frame out, and a new yes lets it in again", async () => {
  const page = await openGranted({ ...two, ...grants("statistics", "videos"), active: true });
  assert.ok(page.find("#film"));
  await page.click("withdraw");
  assert.equal(page.find("#film"), null);
  await page.window.askfirst.consent.set({ videos: true });
  await quiet();

  assert.ok(page.find("#film"));
});

test("what the page adds later is let in too, but not after a withdrawal", async () => {
  const page = await openGranted({ ...two, ...grants("videos") });
  const { document } = page.window;
  const add = async (id) => {
    const template = document.createElement("template");
    template.dataset.askfirstPurpose = "videos";
    template.content.append(Object.assign(document.createElement("p"), { id }));
    document.body.append(template);
    await quiet();
  };
  await add("early");
  await page.click("withdraw");
  await add("late");

  assert.equal(document.querySelectorAll("#early").length, 0);
  assert.equal(page.find("#late"), null);
});

test("where nothing waits nothing more is loaded", async () => {
  const page = await openGranted();

  assert.deepEqual(page.loaded, ["tag.js", "granted.js", "past.js"]);
});

test("what waits in a new body is let in, though nothing waited on the page before", async () => {
  const page = await openGranted();
  const { document } = page.window;
  const body = document.createElement("body");
  body.innerHTML = `<template data-askfirst-purpose="statistics"><b id="in">In</b></template>`;
  document.body.replaceWith(body);
  await quiet();

  assert.ok(page.find("b#in"));
});

test("Google's basic mode: silence before a yes, then the purposes' types and no others", async () => {
  const attributes = `data-site="k1" data-consent-mode="basic"`;
  const before = await open({ ...two, attributes });
  const off = await openGranted(two);
  assert.equal(before.window.dataLayer, undefined);
  assert.equal(off.window.dataLayer, undefined);
  const page = await openGranted({ ...two, attributes, ...grants("statistics") });
  const said = [...page.window.dataLayer].map((it) => [...it]);
  await page.click("withdraw");
  const last = [...page.window.dataLayer.at(-1)];

  const denied = {
    analytics_storage: "denied",
    ad_storage: "denied",
    ad_user_data: "denied",
    ad_personalization: "denied",
  };
  const plain = (value) => JSON.parse(JSON.stringify(value));
  assert.deepEqual(plain(said[0]), ["consent", "default", denied]);
  assert.deepEqual(plain(said[1]), [
    "consent",
    "update",
    { ...denied, analytics_storage: "granted" },
  ]);
  assert.deepEqual(plain(last), ["consent", "update", denied]);
});

const NESTED = `<template data-askfirst-purpose="statistics">
  <script>window.ran = ["own"];</script>
  <script type="text/plain">window.ran.push("data");</script>
  <script type="text/plain" data-askfirst-purpose="videos">window.ran.push("nested");</script>
</template>`;

test("what waits in a template waits for its own purpose, and data stays data", async () => {
  const answers = worded({ purposes: [STATISTICS, VIDEOS] });
  const one = await openGranted({ body: NESTED, answers, ...grants("statistics") });
  const both = await openGranted({ body: NESTED, answers, ...grants("statistics", "videos") });
  await quiet();

  assert.deepEqual([...one.window.ran], ["own"]);
  assert.deepEqual([...both.window.ran], ["own", "nested"]);
});

const NONCES = `<script type="text/plain" data-askfirst-purpose="statistics" nonce="n1">window.ran = ["one"];</script>
  <script type="text/plain" data-askfirst-purpose="statistics">window.wrong = true;</script>
  <script type="text/plain" data-askfirst-purpose="statistics" nonce="n2">window.wrong = true;</script>
  <template data-askfirst-purpose="statistics"><p id="text">A text</p>
    <script nonce="n1">window.ran.push("two");</script><script>window.wrong = true;</script>
  </template>`;

test("where the tag has a nonce only scripts with the same one are let in, and keep it", async () => {
  const attributes = `data-site="k1" nonce="n1"`;
  const page = await openGranted({ body: NONCES, attributes, ...grants("statistics") });
  await quiet();

  assert.deepEqual([...page.window.ran], ["one", "two"]);
  assert.equal(page.window.wrong, undefined);
  assert.ok(page.find("#text"));
  const made = [...page.window.document.querySelectorAll('body script[type=""]')];
  assert.deepEqual(made.map((script) => script.nonce), ["n1", "n1"]);
});

test("without a nonce on the tag scripts need none", async () => {
  const page = await openGranted({ body: NONCES, ...grants("statistics") });
  await quiet();

  assert.equal(page.window.wrong, true);
});

// jsdom reloads no page; it reports an error instead.
const reloads = (page) => page.errors.filter((said) => said.includes("navigation")).length;

test("Google's basic mode: a withdrawal loads the page anew where a tag ran, and only there", async () => {
  const attributes = `data-site="k1" data-consent-mode="basic"`;
  const waits = `<script type="text/plain" data-askfirst-purpose="videos">window.ran = 1;</script>`;
  const ran = await openGranted({ ...two, attributes, ...grants("statistics") });
  const other = await openGranted({ ...two, ...grants("statistics") });
  const waiting = await openGranted({ body: waits, attributes, ...grants("statistics") });
  const part = await openGranted({ ...two, attributes, ...grants("statistics", "videos"), active: true });
  for (const page of [ran, other, waiting]) await page.click("withdraw");
  part.token = tokenOf({ u: Date.now() + 1e9, p: ["videos"], g: 1 });
  await part.window.askfirst.consent.set({ videos: true });
  await quiet();

  assert.deepEqual([ran, other, waiting, part].map(reloads), [1, 0, 0, 1]);
});
