// A page that replaces its body or root: our elements stay, once each and working.

import assert from "node:assert/strict";
import { test } from "node:test";

import { open, openGranted, quiet } from "../world.mjs";

const ids = (page) =>
  [...page.window.document.querySelectorAll("[id^=askfirst-]")]
    .filter(({ parentElement }) => parentElement === page.window.document.body)
    .map(({ id }) => id);

/** Ways in which pages and their libraries replace their content. */
const WAYS = {
  "replaces its body": ({ document }) => {
    const body = document.createElement("body");
    body.innerHTML = "<main>Next</main>";
    document.documentElement.replaceChild(body, document.body);
  },
  "writes its body anew": ({ document }) => {
    document.body.innerHTML = "<main>Next</main>";
  },
  "empties its body and fills it": ({ document }) => {
    document.body.textContent = "";
    document.body.append(document.createElement("main"));
  },
  "replaces its root": ({ document }) => {
    const html = document.createElement("html");
    html.innerHTML = "<head></head><body><main>Next</main></body>";
    document.replaceChild(html, document.documentElement);
  },
  "takes its root away and builds another bit by bit": async ({ document }) => {
    document.documentElement.remove();
    await quiet();
    const html = document.appendChild(document.createElement("html"));
    await quiet();
    html.append(document.createElement("head"), document.createElement("body"));
  },
  "brings back a body that it had copied with ours": ({ document }) => {
    document.body.replaceWith(document.body.cloneNode(true));
  },
  "brings back the markup that it had kept with ours": ({ document }) => {
    document.body.innerHTML = String(document.body.innerHTML);
  },
};

for (const [name, replace] of Object.entries(WAYS)) {
  test(`law 5: the control is there, once, after a page ${name}, and withdraws`, async () => {
    const page = await openGranted();
    await replace(page.window);
    await quiet();
    assert.deepEqual(ids(page), ["askfirst-control"]);
    await page.click("withdraw");

    assert.equal(page.choice, "refused");
    assert.deepEqual(ids(page), ["askfirst-erasure"]);
  });

  test(`the banner is there, once, after a page ${name}, and takes a yes`, async () => {
    const page = await open();
    await replace(page.window);
    await quiet();
    assert.deepEqual(ids(page), ["askfirst-banner"]);
    await page.click("accept");

    assert.equal(page.choice, "granted");
    assert.equal(page.posts.filter(({ path }) => path === "consent").length, 1);
    assert.deepEqual(ids(page), ["askfirst-control", "askfirst-status"]);
  });

  test(`the offer to erase and what was said stay after a page ${name}`, async () => {
    const page = await openGranted();
    await page.click("withdraw");
    await replace(page.window);
    await quiet();
    assert.deepEqual(ids(page), ["askfirst-erasure"]);
    await page.click("erase");

    assert.ok(page.find("#askfirst-receipt"));
  });

  test(`an open dialog is modal again, with what was ticked, after a page ${name}`, async () => {
    const page = await open({ cookie: "no" });
    let modal = 0;
    const { showModal } = page.window.HTMLDialogElement.prototype;
    page.window.HTMLDialogElement.prototype.showModal = function () {
      assert.equal(this.open, false);
      modal += 1;
      showModal.call(this);
    };
    await page.click("control");
    page.find("#askfirst-purpose-statistics").checked = true;
    await replace(page.window);
    await quiet();
    assert.equal(modal, 2);
    assert.deepEqual(ids(page).sort(), ["askfirst-control", "askfirst-preferences"]);
    await page.click("save");

    assert.equal(page.choice, "granted");
    assert.deepEqual(ids(page).sort(), ["askfirst-control", "askfirst-status"]);
  });
}

test("room for what lies at the edge is there again", async () => {
  const page = await open();
  const [room] = page.window.document.adoptedStyleSheets;
  room.css = "";
  WAYS["replaces its root"](page.window);
  await quiet();

  assert.match(room.css, /padding-bottom/);
});

test("what was answered does not come back with a body that was copied while it was asked", async () => {
  const page = await open({ attributes: `data-site="k1" data-control="off"` });
  const { document } = page.window;
  const copy = document.body.cloneNode(true);
  await page.click("refuse");
  await page.clock.advance(10_000);
  document.body.replaceWith(copy);
  await quiet();

  assert.deepEqual(ids(page), []);
});

test("a page that comes with dead copies of ours loses them", async () => {
  const body = `<main>Saved</main><section id="askfirst-banner">Old</section>`;
  const page = await openGranted({ body });

  assert.deepEqual(ids(page), ["askfirst-control"]);
});

test("what else the page puts into its body, or holds deeper, is left alone", async () => {
  const body = `<main><p id="askfirst-help">About our banner</p></main>`;
  const page = await openGranted({ body });
  page.window.document.body.append(page.window.document.createElement("aside"));
  await quiet();

  assert.ok(page.find("#askfirst-help"));
  assert.ok(page.find("aside"));
});

test("a page that removes ours each time hangs nobody, and gets it again a second later", async () => {
  const page = await openGranted();
  const { document, MutationObserver } = page.window;
  let removed = 0;
  const remove = new MutationObserver(() => {
    const found = page.find("#askfirst-control");
    if (found) removed += 1;
    found?.remove();
  });
  remove.observe(document.body, { childList: true });
  page.find("#askfirst-control").remove();
  await quiet();
  const atOnce = removed;
  await page.clock.advance(10_000);
  const later = removed - atOnce;
  remove.disconnect();
  await page.clock.advance(1_000);

  assert.ok(atOnce <= 10, `${atOnce}`);
  assert.ok(later <= 100, `${later}`);
  assert.deepEqual(ids(page), ["askfirst-control"]);
});

test("new bodies, one after the other, each have the control", async () => {
  const page = await openGranted();
  for (let n = 0; n < 50; n += 1) {
    WAYS["replaces its body"](page.window);
    await page.clock.advance(3_600);
    assert.deepEqual(ids(page), ["askfirst-control"]);
  }
});

test("nothing is put among nodes that the page is still sending", async () => {
  let state = "loading";
  const prepare = (window) =>
    Object.defineProperty(window.document, "readyState", { get: () => state });
  const page = await openGranted({ prepare });
  assert.deepEqual(ids(page), []);
  state = "interactive";
  page.window.document.dispatchEvent(new page.window.Event("DOMContentLoaded", { bubbles: true }));

  assert.deepEqual(ids(page), ["askfirst-control"]);
});

test("a tag that comes with the new body again changes nothing", async () => {
  const page = await openGranted();
  const { document } = page.window;
  const body = document.createElement("body");
  const tag = Object.assign(document.createElement("script"), { src: document.scripts[0].src });
  tag.dataset.site = "k1";
  body.append(tag);
  document.body.replaceWith(body);
  await quiet();

  assert.deepEqual(page.loaded, ["tag.js", "granted.js", "past.js", "tag.js"]);
  assert.deepEqual(ids(page), ["askfirst-control"]);
  assert.equal(page.events.length, 1);
});
