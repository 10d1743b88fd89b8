// The lint rules between script folders: which may store, which may send, and that none writes markup.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { ESLint } from "eslint";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDERS = readdirSync(new URL("../../../static/js/", import.meta.url));
const eslint = new ESLint({ cwd: ROOT });

const STORING = ["document.cookie;", "sessionStorage.a;", "localStorage.a;", "const { indexedDB } = window; indexedDB;"];
const SENDING = ['fetch("/");', "window.fetch;", "navigator.sendBeacon;", "new WebSocket(location);", "new Image();"];
const MARKING = ['document.body.innerHTML = "";', 'document.write("");'];

/** Return those of the statements that eslint forbids in the file at this path. */
async function forbidden(path, statements) {
  const found = [];
  for (const statement of statements) {
    const text = `(() => {\n"use strict";\n${statement}\n})();\n`;
    const [{ messages }] = await eslint.lintText(text, { filePath: `static/js/${path}` });
    if (messages.some(({ ruleId }) => ruleId?.startsWith("no-restricted"))) found.push(statement);
  }
  return found;
}

test("law 1: choice.js alone may touch cookies and storage, and it may not send", async () => {
  assert.deepEqual(await forbidden("tag/choice.js", [...STORING, ...SENDING]), SENDING);
  for (const folder of [...FOLDERS, "new_folder"])
    assert.deepEqual(await forbidden(`${folder}/another.js`, STORING), STORING, folder);
});

test("of the visitor's scripts send.js alone may touch the network, and it may not store", async () => {
  assert.deepEqual(await forbidden("tag/send.js", [...STORING, ...SENDING]), STORING);
  for (const folder of [...FOLDERS, "new_folder"].filter((name) => name !== "staff"))
    assert.deepEqual(await forbidden(`${folder}/another.js`, SENDING), SENDING, folder);
});

test("after a yes events.js keeps what could not be sent, and sends by beacon, and can nothing else", async () => {
  const allowed = ["localStorage.a;", "navigator.sendBeacon;"];
  const others = [...STORING, ...SENDING].filter((one) => !allowed.includes(one));

  assert.deepEqual(await forbidden("granted/events.js", [...STORING, ...SENDING]), others);
});

test("staff's scripts may send, and nobody writes markup", async () => {
  assert.deepEqual(await forbidden("staff/another.js", SENDING), []);
  for (const path of ["tag/choice.js", "tag/send.js", ...FOLDERS.map((name) => `${name}/another.js`)])
    assert.deepEqual(await forbidden(path, MARKING), MARKING, path);
});
