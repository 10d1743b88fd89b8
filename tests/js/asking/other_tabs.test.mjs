// A no in one tab counts in every other tab at once, even in those that are not visible.

import assert from "node:assert/strict";
import { test } from "node:test";

import { open, openGranted } from "../world.mjs";

test("law 5: a no of another tab takes the button away at once, its yes changes nothing here", async () => {
  const one = await openGranted();
  const two = await open({ jar: one.jar });
  await one.click("withdraw");
  two.window.dispatchEvent(new two.window.Event("focus"));
  assert.equal(two.button("withdraw"), null);
  assert.equal(two.find("#askfirst-erasure"), null);
  assert.deepEqual(two.session, {});
  two.jar.setCookieSync(`askfirst_k1=${one.token}; Path=/`, two.window.location.href);
  two.window.dispatchEvent(new two.window.Event("focus"));

  assert.deepEqual(two.choices.map(({ choice }) => choice), ["granted", "refused"]);
});

test("law 5: the event of another tab's no counts, even where this tab still sees no cookie", async () => {
  const one = await openGranted();
  const prepare = (window) => (window.cookieStore = new window.EventTarget());
  const two = await open({ jar: one.jar, prepare });
  const { Event, cookieStore } = two.window;
  const tell = (changed) => cookieStore.dispatchEvent(Object.assign(new Event("change"), { changed }));
  two.window.document.cookie = "askfirst_k1=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  tell([]);
  tell([{ name: "theme", value: "no" }]);
  tell([{ name: "askfirst_k1", value: "" }]);
  assert.ok(two.button("withdraw"));
  tell([{ name: "askfirst_k1", value: "no" }]);

  assert.equal(two.button("withdraw"), null);
  assert.deepEqual(two.choices.map(({ choice }) => choice), ["granted", "refused"]);
});
