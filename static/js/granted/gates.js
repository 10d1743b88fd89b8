// What waits for a purpose: the site's own templates and scripts, let in once there is a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.gates) return;

  const { choice } = askfirst;
  const { consentMode, reload } = choice.script.dataset;
  const { nonce } = choice.script;
  const WAITING =
    'template[data-askfirst-purpose],script[type="text/plain"][data-askfirst-purpose]';
  // What Google's consent types are called here; the basic mode knows no others.
  const GOOGLE = {
    statistics: ["analytics_storage"],
    marketing: ["ad_storage", "ad_user_data", "ad_personalization"],
  };

  const inserted = new Map(); // nodes by the template that they came from
  const started = new Set(); // the purposes that scripts run for
  const observer = new MutationObserver(() => letIn());
  let policy;
  let working = false;

  const granted = (element) => choice.token(element.dataset.askfirstPurpose);
  const waiting = () =>
    [...document.querySelectorAll(WAITING)].find(
      (it) => granted(it) && !inserted.has(it) && (it.localName === "template" || vouched(it)),
    );

  // A page that names its own scripts by a nonce lends it to no markup that others put in.
  const vouched = (script) => !nonce || script.nonce === nonce;

  // The site wrote these scripts into its own page; where types are enforced we vouch for no more.
  function trusted() {
    const rules = { createScript: (text) => text, createScriptURL: (url) => url };
    return (policy ??= window.trustedTypes?.createPolicy("askfirst-gates", rules) ?? rules);
  }

  function copyOf(old) {
    const made = document.createElement("script");
    for (const { name, value } of old.attributes)
      if (!/^(type|src|nonce|data-(type|src|askfirst-purpose))$/.test(name))
        made.setAttribute(name, value);
    made.type = old.dataset.type ?? (old.type === "text/plain" ? "" : old.type);
    if (old.nonce) made.nonce = old.nonce;
    made.async = old.hasAttribute("async");
    const src = old.dataset.src ?? old.getAttribute("src");
    if (src) made.src = trusted().createScriptURL(src);
    else made.text = trusted().createScript(old.text);
    return made;
  }

  // One after the other, as the page has them, but for those that are async.
  function run(old) {
    const made = copyOf(old);
    started.add(old.dataset.askfirstPurpose);
    return new Promise((done) => {
      made.onload = made.onerror = done;
      old.replaceWith(made);
      if (made.async || !made.hasAttribute("src")) done();
    });
  }

  // A script of text/plain in it is data, or waits for a purpose of its own.
  function insert(template) {
    const content = document.importNode(template.content, true);
    for (const old of content.querySelectorAll('script:not([type="text/plain"])')) {
      if (vouched(old)) old.replaceWith(copyOf(old));
      else old.remove();
      started.add(template.dataset.askfirstPurpose);
    }
    inserted.set(template, [...content.childNodes]);
    template.after(content);
  }

  async function letIn() {
    if (working) return;
    working = true;
    for (let next = waiting(); next; next = waiting())
      if (next.localName === "template") insert(next);
      else await run(next);
    working = false;
  }

  // Frames and all else that a template brought go again; a script that ran cannot be unrun.
  function takeOut() {
    for (const [template, nodes] of inserted) {
      if (granted(template) && template.isConnected) continue;
      inserted.delete(template);
      for (const node of nodes) node.remove();
    }
  }

  // Basic consent mode: Google hears nothing before a yes, for its own tag waits like the others.
  function tellGoogle(command) {
    if (consentMode !== "basic") return;
    const layer = (window.dataLayer ??= []);
    window.gtag ??= function () {
      layer.push(arguments);
    };
    const said = {};
    for (const [purpose, types] of Object.entries(GOOGLE))
      for (const type of types)
        said[type] = command === "update" && choice.token(purpose) ? "granted" : "denied";
    window.gtag("consent", command, said);
  }

  function follow() {
    takeOut();
    tellGoogle("update");
    observer.disconnect();
    if (choice.token()) observer.observe(document, { childList: true, subtree: true });
    letIn();
  }

  // Google's tag, once loaded, sends on without cookies when consent is denied.
  const sendsOn = ({ purposes }) =>
    consentMode === "basic" && [...started].some((purpose) => !purposes.includes(purpose));

  // Where a yes has only run out the page stays: its visitor may be writing in it.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    follow();
    const withdrawn = detail.choice === "refused" && reload === "withdraw";
    if (withdrawn || (detail.choice !== "none" && sendsOn(detail))) location.reload();
  });

  askfirst.gates = { follow };
  tellGoogle("default");
  follow();
})();
