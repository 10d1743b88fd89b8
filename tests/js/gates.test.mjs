// What waits for a purpose: inert without a yes, let in by it, and frames taken out again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { STATISTICS, VIDEOS, open, openGranted, quiet, tokenOf, worded } from "./world.mjs";

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

test("a script keeps its type and its nonce, a template's frame stands where the template is", async () => {
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

  assert.deepEqual(page.loaded, ["tag.js"]);
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
