// The permanent control: on every page that shows no banner, small, and out of the way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SOURCES, open, openGranted, quiet } from "../world.mjs";

test("while the banner asks there is no control; after the choice there is", async () => {
  const page = await open();
  assert.equal(page.find("#askfirst-control"), null);
  await page.click("refuse");

  assert.ok(page.find("#askfirst-control"));
  assert.equal(page.window.document.body.lastElementChild.id === "askfirst-banner", false);
});

test("the control is a named region of real buttons; withdrawing is there only after a yes", async () => {
  const refused = await open({ cookie: "no" });
  const granted = await openGranted();
  const labels = (page) =>
    [...page.find("#askfirst-control").children].map((it) => `${it.localName}: ${it.textContent}`);

  assert.deepEqual(labels(refused), ["button: Privacy choices"]);
  assert.deepEqual(labels(granted), ["button: Privacy choices", "button: Withdraw consent"]);
  assert.equal(granted.find("#askfirst-control").getAttribute("aria-label"), "Privacy choices");
});

const WORDS = { language: "de", direction: "ltr", control: "Datenschutzauswahl", withdraw: "Widerrufen" };
const GERMAN = `data-site="k1" data-lang="de"`;
const CONTROL = "GET wording/k1/control.json";
const labelled = (page) => [...page.window.document.querySelectorAll("#askfirst-control button")];

test("the control's words come with the wording where the line to paste has none", async () => {
  const page = await openGranted({ attributes: GERMAN, answers: { [CONTROL]: () => ({ json: WORDS }) } });
  const control = page.find("#askfirst-control");
  const [asked] = page.requests.filter(({ path }) => path.endsWith("control.json"));

  assert.deepEqual(labelled(page).map((it) => it.textContent), [WORDS.control, WORDS.withdraw]);
  assert.deepEqual([control.lang, control.dir], ["de", "ltr"]);
  assert.equal(asked.search, "?lang=de");
  assert.equal(asked.request.credentials, "omit");
});

test("law 5: where its words do not come the control speaks English and can be pressed", async () => {
  for (const answer of [{ status: 500 }, { status: 404 }, { json: null }, new Error("offline")]) {
    const page = await openGranted({ attributes: GERMAN, answers: { [CONTROL]: () => answer } });
    assert.equal(page.find("#askfirst-control").lang, "en");
    assert.equal(page.button("withdraw").textContent, "Withdraw consent");
    await page.click("withdraw");
    assert.equal(page.choice, "refused");
  }
});

test("law 5: words that are late are waited for three seconds, and nothing is shown before them", async () => {
  const never = new Promise(() => {});
  const page = await openGranted({ attributes: GERMAN, answers: { [CONTROL]: () => never } });
  assert.equal(page.find("#askfirst-control"), null);
  await page.clock.advance(3000);

  assert.equal(page.button("withdraw").textContent, "Withdraw consent");
});

test("a page that asks does not ask for the control's words, as the banner brings them", async () => {
  const page = await open({ attributes: GERMAN });
  await page.click("refuse");

  assert.ok(page.find("#askfirst-control"));
  assert.deepEqual(page.requests.filter(({ path }) => path.endsWith("control.json")), []);
});

test("nothing is asked for where the line has both labels, or where there is no control", async () => {
  const both = `data-control-label="Privatsphäre" data-withdraw-label="Widerrufen"`;
  for (const more of [both, `data-control="off"`]) {
    const page = await open({ cookie: "no", attributes: `${GERMAN} ${more}` });
    assert.deepEqual(page.requests, []);
  }
});

test("the control follows a page that changes its language under way", async () => {
  const page = await openGranted({ answers: { [CONTROL]: () => ({ json: WORDS }) } });
  assert.equal(page.button("withdraw").textContent, "Withdraw consent");
  page.window.document.documentElement.lang = "de";
  await quiet();

  assert.equal(page.button("withdraw").textContent, WORDS.withdraw);
  assert.equal(page.window.document.querySelectorAll("#askfirst-control").length, 1);
});

test("law 5: the control comes where the banner's words are there before its own", async () => {
  const never = new Promise(() => {});
  const page = await openGranted({ attributes: GERMAN, answers: { [CONTROL]: () => never } });
  page.window.askfirst.consent.show();
  await quiet();
  assert.ok(page.find("dialog[open]"));
  await page.clock.advance(3000);

  assert.equal(page.find("#askfirst-control [data-askfirst=withdraw]").textContent, "text withdraw");
});

test("words of the control that come while the banner does are kept for later", async () => {
  let bring;
  const brought = new Promise((done) => (bring = done));
  const late = { "banner.js": new Promise(() => {}) };
  const page = await openGranted({ attributes: GERMAN, late, answers: { [CONTROL]: () => brought } });
  await page.clock.advance(0);
  page.window.document.cookie = "askfirst_k1=; Max-Age=0; Path=/";
  await page.lookAgain();
  bring({ json: WORDS });
  await page.clock.advance(3000);

  assert.equal(page.choice, "none");
  assert.equal(page.find("#askfirst-control"), null);
});

test("the control follows a root in another language that takes the first one's place", async () => {
  const page = await openGranted({ answers: { [CONTROL]: () => ({ json: WORDS }) } });
  const { document } = page.window;
  const root = document.createElement("html");
  root.lang = "de";
  root.append(document.createElement("head"), document.createElement("body"));
  document.replaceChild(root, document.documentElement);
  await quiet();
  assert.equal(page.button("withdraw").textContent, WORDS.withdraw);
  root.lang = "en";
  await quiet();

  assert.equal(page.button("withdraw").textContent, "Withdraw consent");
});

test("the focus stays with the control where that changes its language", async () => {
  const page = await openGranted({ answers: { [CONTROL]: () => ({ json: WORDS }) } });
  page.button("withdraw").focus();
  page.window.document.documentElement.lang = "de";
  await quiet();

  assert.equal(page.button("withdraw").textContent, WORDS.withdraw);
  assert.equal(page.window.document.activeElement.textContent, WORDS.control);
});

test("the owner can name the control's buttons in the page's language", async () => {
  const labels = `data-control-label="Privatsphäre" data-withdraw-label="Widerrufen"`;
  const page = await openGranted({ attributes: `data-site="k1" ${labels}` });

  assert.equal(page.button("control").textContent, "Privatsphäre");
  assert.equal(page.button("withdraw").textContent, "Widerrufen");
});

test("an owner with a link of his own can do without the control", async () => {
  const page = await open({
    cookie: "no",
    attributes: `data-site="k1" data-control="off"`,
    body: `<footer><a id="it" href="/privacy" data-askfirst-show><i>Privacy</i></a></footer>`,
  });
  assert.equal(page.find("#askfirst-control"), null);
  await page.click(page.find("i"));

  assert.ok(page.find("dialog[open]"));
});

test("room is made for what is fixed to the edge, so that the focus is never hidden below it", async () => {
  const page = await open({ body: `<main style="">Text</main>` });
  const { adoptedStyleSheets, documentElement } = page.window.document;
  const [room] = adoptedStyleSheets;

  assert.match(room.css, /^@media screen\{html\{padding-bottom:\d+px!important;scroll-padding-bottom:\d+px!/);
  assert.equal(documentElement.getAttribute("style"), null); // frameworks report it as a hydration mismatch
});

test("where nothing is fixed to the edge the page's own room and boxes are left alone", async () => {
  const page = await open({ attributes: `data-site="k1" data-control="off"` });
  await page.click("refuse");

  assert.equal(page.window.document.adoptedStyleSheets[0].css, "");
});

test("the tag may stand at the end of the body, too", async () => {
  const page = await open({ inHead: false });

  assert.ok(page.find("#askfirst-banner"));
});

test("the address of the banner's script is the tag's own folder", SOURCES, async () => {
  const page = await open({ tag: "https://numbers.example.org/deep/tag.js?v=1" });
  const script = page.window.document.querySelector("script:not([data-site])");

  assert.equal(script.src, "https://numbers.example.org/deep/banner.js?0");
});

test("under Trusted Types every script's address is below the tag's, whatever is asked for", SOURCES, async () => {
  const page = await open({ cookie: "no" });
  const made = [];
  page.window.trustedTypes = {
    createPolicy: (name, rules) => {
      made.push([name, rules.createScriptURL("https://evil.example/x")]);
      return rules;
    },
  };
  await page.click("control");

  assert.deepEqual(made, [["askfirst", "https://www.example.org/askfirst/https://evil.example/x.js?0"]]);
});

test("the nonce of the tag is handed on to the banner's script", async () => {
  const page = await open({ attributes: `data-site="k1" nonce="r4nd0m"` });
  const script = page.window.document.querySelector("script:not([data-site])");
  await quiet();

  assert.equal(script.nonce, "r4nd0m");
});

test("without the permanent control the banner comes all the same", async () => {
  const page = await open({ attributes: `data-site="k1" data-control="off"` });
  assert.ok(page.find("#askfirst-banner"));
  await page.click("refuse");

  assert.equal(page.find("#askfirst-banner"), null);
  assert.equal(page.choice, "refused");
  assert.doesNotMatch(page.css, /:root/);
});

test("labels in English are marked as English, whatever the page's language", async () => {
  const page = await open({ cookie: "no", attributes: `data-site="k1" data-lang="ar"` });
  assert.equal(page.find("#askfirst-control").lang, "en");
});
