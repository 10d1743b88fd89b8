// What waits for a purpose: the site's own templates and scripts, let in once there is a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.gates) return;

  const { choice } = askfirst;
  const { consentMode, reload } = choice.script.dataset;
  const WAITING =
    'template[data-askfirst-purpose],script[type="text/plain"][data-askfirst-purpose]';
  // What Google's consent types are called here; the basic mode knows no others.
  const GOOGLE = {
    statistics: ["analytics_storage"],
    marketing: ["ad_storage", "ad_user_data", "ad_personalization"],
  };

  const inserted = new Map(); // nodes by the template that they came from
  const observer = new MutationObserver(() => letIn());
  let policy;
  let working = false;

  const granted = (element) => choice.token(element.dataset.askfirstPurpose);
  const waiting = () =>
    [...document.querySelectorAll(WAITING)].find((it) => granted(it) && !inserted.has(it));

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
    made.nonce = old.nonce || choice.script.nonce;
    made.async = old.hasAttribute("async");
    const src = old.dataset.src ?? old.getAttribute("src");
    if (src) made.src = trusted().createScriptURL(src);
    else made.text = trusted().createScript(old.text);
    return made;
  }

  // One after the other, as the page has them, but for those that are async.
  function run(old) {
    const made = copyOf(old);
    return new Promise((done) => {
      made.onload = made.onerror = done;
      old.replaceWith(made);
      if (made.async || !made.hasAttribute("src")) done();
    });
  }

  function insert(template) {
    const content = document.importNode(template.content, true);
    for (const old of content.querySelectorAll("script")) old.replaceWith(copyOf(old));
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
      if (granted(template)) continue;
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

  document.addEventListener("askfirst:choice", ({ detail }) => {
    follow();
    if (detail.choice === "refused" && reload === "withdraw") location.reload();
  });

  askfirst.gates = { follow };
  tellGoogle("default");
  follow();
})();
