// Checks a pasted receipt in the browser, without the network: eddsa-jcs-2022, Ed25519 by WebCrypto. Loads on
// the page of receipts.
(() => {
  "use strict";

  const form = document.querySelector("form[data-keys]");
  const verdict = document.getElementById("verdict");
  const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const bytes = (text) => new TextEncoder().encode(text);

  // RFC 8785: names in the order of their UTF-16 code units, numbers and texts as JSON.stringify.
  function canonical(value) {
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }

  // Multibase z: base58 with Bitcoin's alphabet; an Ed25519 signature has 64 bytes.
  function signature(text) {
    if (typeof text !== "string" || !/^z[1-9A-HJ-NP-Za-km-z]{1,127}$/.test(text)) return null;
    let number = 0n;
    for (const digit of text.slice(1)) number = number * 58n + BigInt(DIGITS.indexOf(digit));
    const hex = number.toString(16).padStart(128, "0");
    return hex.length > 128 ? null : Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  }

  async function digests(...parts) {
    const hashed = parts.map((part) => crypto.subtle.digest("SHA-256", bytes(canonical(part))));
    return new Blob(await Promise.all(hashed)).arrayBuffer();
  }

  async function isSignedBy(receipt, jwk) {
    const { proof, ...document } = receipt;
    const { proofValue, ...options } = Object(proof);
    const value = signature(proofValue);
    const expected = {
      "@context": document["@context"],
      type: "DataIntegrityProof",
      cryptosuite: "eddsa-jcs-2022",
      verificationMethod: `did:key:${jwk.kid}#${jwk.kid}`,
      proofPurpose: "assertionMethod",
    };
    const said = (name) => canonical(options[name]) === canonical(expected[name]);
    if (!value || !Object.keys(expected).every(said)) return false;
    const { kty, crv, x } = jwk;
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", key, value, await digests(options, document));
  }

  function read(text) {
    try {
      const receipt = JSON.parse(text);
      return receipt && !Array.isArray(receipt) && receipt.proof ? receipt : null;
    } catch {
      return null;
    }
  }

  async function judge(text) {
    const receipt = read(text);
    if (!receipt) return "unreadable";
    const { keys } = JSON.parse(form.dataset.keys);
    const found = await Promise.all(keys.map((jwk) => isSignedBy(receipt, jwk)));
    if (!found.includes(true)) return "bad";
    return receipt["@type"] === "ErasureCertificate" ? "erased" : "good";
  }

  function say(word) {
    verdict.className = `verdict ${word === "erased" ? "good" : word}`;
    verdict.textContent = form.dataset[word];
    verdict.focus();
  }

  form.addEventListener("submit", async (event) => {
    if (!window.crypto?.subtle) return; // the server checks it
    event.preventDefault();
    try {
      say(await judge(form.elements.receipt.value));
    } catch {
      form.submit(); // this browser has no Ed25519: the server checks it
    }
  });
})();
