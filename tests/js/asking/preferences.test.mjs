// The preferences dialog: its fields, withdrawal in it, and the offer to erase.

import assert from "node:assert/strict";
import { test } from "node:test";

import { STATISTICS, VIDEOS, WORDING, assertSent, open, openGranted, quiet, worded } from "../world.mjs";

const box = (page) => page.find("#askfirst-purpose-statistics");

test("the preferences list each purpose unticked, every field, the state, rights and policy", async () => {
  const page = await open();
  await page.click("preferences");
  const dialog = page.find("dialog[open]");

  assert.equal(dialog.querySelectorAll("input").length, 1);
  assert.equal(box(page).checked, false);
  const shown = [STATISTICS.fields[0].text, WORDING.rights[0], WORDING.preferences.state_none, "25 months"];
  for (const said of shown) assert.ok(dialog.textContent.includes(said), said);
  assert.ok(dialog.querySelector("a").href.endsWith("/policy/k1"));
});

test("opening and closing the preferences changes nothing, before a choice and after it", async () => {
  for (const cookie of [undefined, "no"]) {
    const page = await open({ cookie });
    const before = [page.cookie, page.choice, page.posts.length];
    await page.click(cookie ? "control" : "preferences");
    await page.click("close");

    assert.deepEqual([page.cookie, page.choice, page.posts.length], before);
    assert.equal(page.find("dialog"), null);
  }
});

test("Escape in the preferences is not a yes, even with the box ticked", async () => {
  const page = await open();
  await page.click("preferences");
  await page.click(box(page));
  await page.press("Escape");

  assert.equal(page.choice, "none");
  assert.equal(page.cookie, "");
  assert.deepEqual(page.posts, []);
  assert.ok(page.find("#askfirst-banner"));
});

test("saving a ticked purpose is a yes to exactly that purpose", async () => {
  const page = await open();
  await page.click("preferences");
  await page.click(box(page));
  await page.click("save");

  assert.equal(page.posts[0].body.method, "preferences");
  assert.deepEqual(page.posts[0].body.purposes, ["statistics"]);
  assert.equal(page.choice, "granted");
  assert.equal(page.find("dialog"), null);
  assert.equal(page.find("#askfirst-banner"), null);
});

test("saving a subset of two purposes asks for exactly that subset", async () => {
  const page = await open({ answers: worded({ purposes: [STATISTICS, VIDEOS] }) });
  await page.click("preferences");
  await page.click(page.find("#askfirst-purpose-videos"));
  await page.click("save");

  assert.deepEqual(page.posts[0].body.purposes, ["videos"]);
});

test("saving with nothing ticked is a no", async () => {
  const page = await open();
  await page.click("preferences");
  await page.click("save");

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.deepEqual(page.posts.map(({ body }) => body), [{ site: "k1", choice: "refuse" }]);
});

test("a scripted save is not a yes", async () => {
  const page = await open();
  await page.click("preferences");
  box(page).checked = true;
  page.button("save").click();
  await quiet();

  assert.deepEqual(page.posts, []);
  assert.equal(page.choice, "none");
});

test("a yes that fails in the preferences says so and changes nothing", async () => {
  const page = await open({ answers: { "POST consent": () => ({ status: 503 }) } });
  await page.click("preferences");
  await page.click(box(page));
  await page.click("save");

  assert.equal(page.find("dialog [role=alert]").textContent, WORDING.texts.failed);
  assert.equal(page.choice, "none");
  await assertSent(page, { expected: [] });
});

test("after a yes the box is ticked, and saving it unchanged asks the server nothing", async () => {
  const page = await openGranted();
  await page.click("control");
  assert.equal(box(page).checked, true);
  const before = page.posts.length;
  await page.click("save");

  assert.equal(page.posts.length, before);
  assert.equal(page.choice, "granted");
});

test("law 5: unticking and saving withdraws, and so does the button of that name", async () => {
  const unticked = await openGranted();
  await unticked.click("control");
  await unticked.click(box(unticked));
  await unticked.click("save");
  const button = await openGranted();
  await button.click("control");
  await button.click(button.find("dialog [data-askfirst=withdraw]"));

  for (const page of [unticked, button]) {
    assert.equal(page.cookie, "askfirst_k1=no");
    assert.equal(page.posts.at(-1).body.choice, "withdraw");
    assert.ok(page.find("#askfirst-erasure"));
    assert.equal(page.find("dialog"), null);
  }
});

test("only one dialog opens, however often it is asked for", async () => {
  const page = await open({ cookie: "no" });
  page.window.askfirst.consent.show();
  page.window.askfirst.consent.show();
  await quiet();

  assert.equal(page.window.document.querySelectorAll("dialog").length, 1);
});

test("law 6: a withdrawal offers erasure and shows the receipt's number", async () => {
  const page = await openGranted();
  await page.click("withdraw");
  assert.ok(page.find("#askfirst-erasure").textContent.includes(WORDING.preferences.withdrawn));
  await page.click("erase");

  assert.deepEqual(page.posts.at(-1).body, { site: "k1", token: page.token });
  assert.equal(page.posts.at(-1).path, "consent/erase");
  assert.equal(page.find("#askfirst-receipt").textContent, "R-1");
  assert.equal(page.cookie, "askfirst_k1=no");
  await page.click("close");
  assert.equal(page.find("#askfirst-erasure"), null);
  assert.ok(page.find("#askfirst-control"));
});

test("keeping what was recorded closes the offer and sends nothing", async () => {
  const page = await openGranted();
  await page.click("withdraw");
  const before = page.posts.length;
  await page.click("keep");

  assert.equal(page.posts.length, before);
  assert.equal(page.find("#askfirst-erasure"), null);
});

test("an erasure that fails says so and can be asked for again", async () => {
  const page = await openGranted();
  const works = page.answers["POST consent/erase"];
  page.answers["POST consent/erase"] = () => new Error("down");
  await page.click("withdraw");
  await page.click("erase");
  assert.equal(page.find("[role=alert]").textContent, WORDING.texts.failed);
  page.answers["POST consent/erase"] = works;
  await page.click("erase");

  assert.ok(page.find("#askfirst-receipt"));
});

test("after the offer is gone the token is nowhere on the device", async () => {
  const page = await openGranted();
  await page.click("withdraw");
  await page.click("keep");

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.ok(!page.window.document.documentElement.outerHTML.includes(page.token));
  assert.equal(page.window.localStorage.length + page.window.sessionStorage.length, 0);
});

const reloaded = (page, options) => open({ jar: page.jar, session: page.session, ...options });

test("law 6: the offer to erase comes again after a reload, until it is answered", async () => {
  for (const answer of ["erase", "keep"]) {
    const before = await openGranted();
    await before.click("withdraw");
    const page = await reloaded(before, { url: "https://www.example.org/next" });
    const text = page.find("#askfirst-erasure").textContent;
    assert.ok(text.includes(WORDING.preferences.withdrawn) && text.includes(WORDING.preferences.erase_now));
    assert.equal(page.window.document.activeElement, page.window.document.body);
    await page.click(answer);
    const sent = page.posts.map(({ path, body }) => [path, body]);
    const erased = ["consent/erase", { site: "k1", token: before.token }];
    assert.deepEqual(sent, answer === "erase" ? [erased] : []);
    assert.deepEqual(page.session, {});
    const after = await reloaded(page);

    assert.equal(after.find("#askfirst-erasure"), null);
    assert.deepEqual(after.requests, []);
  }
});

test("law 4: what erasing needs is kept in this tab after a withdrawal, and at no other time", async () => {
  const refused = await open();
  await refused.click("refuse");
  const asked = await open();
  await asked.click("accept");
  for (const page of [refused, asked]) assert.deepEqual(page.session, {});
  await asked.click("withdraw");
  assert.deepEqual(asked.session, { askfirst_k1: `${asked.token} told` });
  assert.equal(asked.window.localStorage.length, 0);
  asked.window.navigator.userActivation.isActive = true;
  await asked.window.askfirst.consent.set({ statistics: true });
  await quiet();

  assert.equal(asked.choice, "granted");
  assert.deepEqual(asked.session, {});
});

test("where the tab has no storage the offer still erases", async () => {
  const page = await openGranted();
  Object.defineProperty(page.window, "sessionStorage", {
    get() {
      throw new Error("denied");
    },
  });
  await page.click("withdraw");
  await page.click("erase");

  assert.equal(page.posts.at(-1).body.token, page.token);
  assert.ok(page.find("#askfirst-receipt"));
});

test("the receipt says what its number is and what it is for", async () => {
  const page = await openGranted();
  await page.click("withdraw");
  await page.click("erase");
  const { textContent } = page.find("#askfirst-erasure");
  const { erased, receipt, receipt_text: text } = WORDING.preferences;

  for (const said of [erased, receipt, text]) assert.ok(textContent.includes(said), said);
});

test("after a withdrawal the preferences say so where this tab knows it", async () => {
  const withdrawn = await openGranted();
  await withdrawn.click("withdraw");
  await withdrawn.click("keep");
  await withdrawn.click("control");
  const later = await reloaded(withdrawn);
  await later.click("control");

  assert.equal(withdrawn.button("state").textContent, WORDING.preferences.state_withdrawn);
  assert.equal(later.button("state").textContent, WORDING.preferences.state_refused);
});

test("a message of the last choice does not stay behind a dialog", async () => {
  const page = await open();
  await page.click("accept");
  await page.clock.advance(200);
  assert.ok(page.find("#askfirst-status"));
  await page.click("control");

  assert.equal(page.find("#askfirst-status"), null);
});

test("all and none tick every box at once, and tick nothing for good", async () => {
  const page = await open({ answers: worded({ purposes: [STATISTICS, VIDEOS] }) });
  await page.click("preferences");
  const ticked = () => page.window.document.querySelectorAll("dialog :checked").length;
  assert.equal(ticked(), 0);
  await page.click("all");
  assert.equal(ticked(), 2);
  await page.click("none");
  assert.equal(ticked(), 0);

  assert.deepEqual(page.posts, []);
});

test("what would be stored is the very body of the first event, and is not sent", async () => {
  const page = await open({ referrer: "https://search.example/" });
  await page.click("preferences");
  const shown = JSON.parse(page.find("dialog pre").textContent);
  assert.deepEqual(page.posts, []);
  assert.ok(!("token" in shown));
  await page.click("close");
  await page.click("accept");
  const { token, ...sent } = page.posts.at(-1).body;

  assert.equal(token, page.token);
  assert.deepEqual({ ...shown.events[0], id: "" }, { ...sent.events[0], id: "" });
  assert.equal(shown.site, sent.site);
});

for (const [name, address] of [
  ["my-data", "my-data/k1"],
  ["receipt", "receipt/k1"],
])
  test(`after a yes the dialog leads to ${address}, with the token in the body of the request`, async () => {
    const before = await open();
    await before.click("preferences");
    assert.equal(before.find("dialog form"), null);
    const page = await openGranted();
    await page.click("control");
    const { form } = page.find(`dialog [data-askfirst=${name}]`);

    assert.equal(form.action, `https://www.example.org/askfirst/${address}`);
    assert.equal(form.method, "post");
    assert.equal(form.target, "_blank");
    assert.equal(new page.window.FormData(form).get("token"), page.token);
  });

test("where the words have no name for the visitor's own page, as older ones, the dialog has the receipt alone", async () => {
  const preferences = { ...WORDING.preferences, data_link: undefined };
  const page = await openGranted({ answers: worded({ preferences }) });
  await page.click("control");

  assert.equal(page.find("dialog [data-askfirst=my-data]"), null);
  assert.ok(page.find("dialog [data-askfirst=receipt]"));
});

test("changing the purposes of a yes names the yes that it replaces", async () => {
  const page = await openGranted({ answers: worded({ purposes: [STATISTICS, VIDEOS] }) });
  await page.click("control");
  await page.click(page.find("#askfirst-purpose-videos"));
  await page.click("save");

  const { body } = page.posts.find(({ path }) => path === "consent");
  assert.deepEqual(body.purposes, ["statistics", "videos"]);
  assert.equal(body.token, page.token);
});

/** Open the preferences by a link of the page, and accept the only purpose there. */
async function acceptAgain(page) {
  await page.window.askfirst.consent.show();
  await quiet();
  await page.click(box(page));
  await page.click("save");
  return page.posts.filter(({ body }) => body.choice === "accept").at(-1).body;
}

test("law 6: a yes while the offer to erase is open says which yes was withdrawn before it", async () => {
  const page = await openGranted();
  const withdrawn = page.token;
  await page.click("withdraw");
  const asked = await acceptAgain(page);

  assert.equal(asked.token, withdrawn);
  assert.equal(page.choice, "granted");
  assert.deepEqual(page.session, {});
});

test("law 6: it says so on the next page of the tab too, and before the server knows", async () => {
  for (const told of [false, true]) {
    const down = () => (told ? { json: { choice: "withdrawn", days: 180 } } : { status: 503 });
    const page = await openGranted({ answers: { "POST consent": down } });
    const withdrawn = page.token;
    await page.click("withdraw");
    const later = await reloaded(page);
    const asked = await acceptAgain(later);

    assert.equal(asked.token, withdrawn, `told: ${told}`);
  }
});

test("law 4: once the offer is answered, or in another tab, a yes says nothing of an earlier one", async () => {
  for (const answer of ["keep", "erase"]) {
    const page = await openGranted();
    await page.click("withdraw");
    await page.click(answer);
    if (answer === "erase") await page.click("close");
    assert.equal((await acceptAgain(page)).token, undefined, answer);
  }
  const first = await openGranted();
  await first.click("withdraw");
  const other = await open({ jar: first.jar });
  assert.equal((await acceptAgain(other)).token, undefined);
});
