// Two tabs that accept at once: one yes is kept, and the other is erased.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DAY, open, quiet, tokenOf } from "../world.mjs";

const now = Date.now();
const u = now + 180 * DAY;
const one = tokenOf({ u, v: "one", c: "first", g: now });
const other = tokenOf({ u, v: "other", c: "second", g: now + 1 });
const later = tokenOf({ u, v: "one", c: "third", g: now + 1 });

const write = (page, token) => {
  page.window.document.cookie = `askfirst_k1=${token}; Path=/`;
};
const erased = (page) =>
  page.requests.filter(({ path }) => path === "consent/erase").map(({ body }) => body.token);

/** Open a tab that asks; its yes is answered with the token once `answer` is called. */
async function asked(token) {
  let answer;
  const page = await open({
    now,
    answers: { "POST consent": () => new Promise((done) => (answer = done)) },
  });
  await page.click("accept");
  return { page, answer: () => answer({ json: { choice: "granted", token, days: 180 } }) };
}

test("a yes that is answered after another tab's is not kept, and erased without cookies", async () => {
  const { page, answer } = await asked(one);
  write(page, other);
  answer();
  await quiet();

  assert.equal(page.cookie, `askfirst_k1=${other}`);
  assert.equal(page.choice, "granted");
  assert.deepEqual(erased(page), [one]);
  assert.equal(page.posts.find(({ path }) => path === "consent/erase").body.alone, true);
  assert.equal(page.requests.find(({ path }) => path === "consent/erase").request.credentials, "omit");
  assert.equal(page.find("#askfirst-banner"), null);
});

test("a yes that another tab's overwrites is erased, and again until the server has done it", async () => {
  const { page, answer } = await asked(one);
  page.answers["POST consent/erase"] = (_body, number) => (number < 6 ? { status: 503 } : { json: {} });
  answer();
  await quiet();
  write(page, other);
  await page.clock.advance(60_000);

  assert.equal(page.cookie, `askfirst_k1=${other}`);
  assert.ok(erased(page).length > 1);
  assert.deepEqual(new Set(erased(page)), new Set([one]));
});

test("of two renewals of one visitor the later is kept, and nothing is erased", async () => {
  for (const [mine, its] of [
    [one, later],
    [later, one],
  ]) {
    const { page, answer } = await asked(mine);
    write(page, its);
    answer();
    await page.clock.advance(3000);

    assert.equal(page.cookie, `askfirst_k1=${later}`);
    assert.deepEqual(erased(page), []);
    page.close();
  }
});

test("a yes that is alone, or was withdrawn, or is renewed here erases nothing", async () => {
  const { page, answer } = await asked(one);
  answer();
  await page.clock.advance(2000);
  write(page, "no");
  await page.clock.advance(60_000);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.deepEqual(erased(page), []);
});
