// Runs the tests of all folders, or those that are named, in one process, which loads jsdom once.

import { readdirSync } from "node:fs";

const HERE = new URL("./", import.meta.url);
const SUFFIX = ".test.mjs";

const foldersOf = () => readdirSync(HERE, { withFileTypes: true }).filter((one) => one.isDirectory());
const testsIn = ({ name }) =>
  readdirSync(new URL(`${name}/`, HERE))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => `${name}/${file.slice(0, -SUFFIX.length)}`);

const named = process.argv.slice(2);
for (const name of named.length ? named : foldersOf().flatMap(testsIn)) {
  await import(new URL(`${name}${SUFFIX}`, HERE));
}
