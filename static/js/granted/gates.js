// The site's own templates and scripts that wait for a purpose. Loads after a yes where a page has some.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.gates) return;

  const { choice } = askfirst;
  const { consentMode, reload } = choice.script.dataset;
  const { nonce } = choice.script;
  const WAITING =
    'template[data-askfirst-purpose],script[type="text/plain"][data-askfirst-purpose]';
  // Our purposes and Google's consent types for them; the basic mode has no others.
  const GOOGLE = {
    statistics: ["analytics_storage"],
    marketing: ["ad_storage", "ad_user_data", "ad_personalization"],
  };

  const inserted = new Map(); // nodes by the template that they are copies from
  const started = new Set(); // the purposes whose scripts have run
  const observer = new MutationObserver(() => letIn());
  let policy;
  let working = false;

  const granted = (element) => choice.token(element.dataset.askfirstPurpose);
  const waiting = () =>
    [...document.querySelectorAll(WAITING)].find(
      (it) => granted(it) && !inserted.has(it) && (it.localName === "template" || vouched(it)),
    );

  // Where the tag has a nonce, only scripts with the same nonce run: others may have injected markup.
  const vouched = (script) => !nonce || script.nonce === nonce;

  // Under Trusted Types our policy vouches for the scripts that the site wrote into its page, no others.
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

  // Runs the scripts one after the other in the page's order, except those that are async.
  function run(old) {
    const made = copyOf(old);
    started.add(old.dataset.askfirstPurpose);
    return new Promise((done) => {
      made.onload = made.onerror = done;
      old.replaceWith(made);
      if (made.async || !made.hasAttribute("src")) done();
    });
  }

  // A `text/plain` script in a template is data, or waits for a purpose of its own.
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

  // Removes what templates brought, such as frames; a script that ran cannot be undone.
  function takeOut() {
    for (const [template, nodes] of inserted) {
      if (granted(template) && template.isConnected) continue;
      inserted.delete(template);
      for (const node of nodes) node.remove();
    }
  }

  // Basic consent mode: Google is told nothing before a yes, as its own tag waits like the others.
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

  // Once loaded, Google's tag goes on sending, without cookies, when consent is denied.
  const sendsOn = ({ purposes }) =>
    consentMode === "basic" && [...started].some((purpose) => !purposes.includes(purpose));

  // Where a yes has only expired the page is not reloaded: its visitor may be typing.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    follow();
    const withdrawn = detail.choice === "refused" && reload === "withdraw";
    if (withdrawn || (detail.choice !== "none" && sendsOn(detail))) location.reload();
  });

  askfirst.gates = { follow };
  tellGoogle("default");
  follow();
})();
