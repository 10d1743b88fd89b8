// The permanent control at the page's lower edge, and the loading of the other bundles. Loads on every page.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice } = askfirst;
  const dataset = { ...choice.script.dataset }; // a copy, which the banner may change and the page may not
  const show = () => open("banner", (banner) => banner.preferences());

  const parts = {};
  const ours = new Map(); // our elements on the page, and what to call each time one is added
  const room = style("");
  const labels = {}; // the control's texts by language tag; 0 while they are being fetched
  const ENGLISH = { control: "Privacy choices", withdraw: "Withdraw consent" };
  const observer = new MutationObserver(settle);
  let docked;
  let turns = 0; // how often our elements were put back in this second
  let policy;
  let spoken; // the page's language when the control was made; 0 while its texts are being fetched

  // Our Trusted Types policy allows the scripts beside the tag and nothing else. As served, a hash of them
  // stands for the 0, so that no browser uses one that it cached from another release.
  const rules = { createScriptURL: (name) => `${choice.base}${name}.js?0` };

  function load(name) {
    return new Promise((resolve, reject) => {
      policy ??= window.trustedTypes?.createPolicy("askfirst", rules) ?? rules;
      const part = document.createElement("script");
      part.src = policy.createScriptURL(name);
      part.nonce = choice.script.nonce;
      part.onload = () => resolve(askfirst[name]);
      part.onerror = () => reject(delete parts[name]); // so that it can be tried again
      document.head.append(part);
    });
  }

  // Where a bundle does not load nothing happens: without the banner nobody is asked or recorded.
  const open = (name, act) => (parts[name] ??= load(name)).then(act).catch(() => {});

  function button(name, label, act) {
    const made = document.createElement("button");
    made.dataset.askfirst = name;
    return Object.assign(made, { textContent: label, onclick: act });
  }

  function style(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    return sheet;
  }

  const declaredLanguage = () => dataset.lang || document.documentElement.lang;
  const language = () => declaredLanguage() || navigator.language;

  // Returns the control's texts, or 0 while they are being fetched. Labels in the site's own tag come
  // first; English pages fetch nothing.
  function words() {
    const lang = language();
    if (dataset.controlLabel && dataset.withdrawLabel) return { language: declaredLanguage() };
    return labels[lang] ?? (/^en\b/i.test(lang) ? ENGLISH : learn(lang));
  }

  // Where the texts do not come in time the control is English: there has to be something to press.
  function learn(lang) {
    const done = (answer) => {
      labels[lang] ||= answer || ENGLISH; // the banner may have brought its texts meanwhile
      follow();
    };
    setTimeout(done, 3000); // milliseconds
    open("labels", (part) => part.ask(lang)).then(done);
    labels[lang] = 0;
    return 0;
  }

  // An application may change the language of its page, or replace the root element that says it. The
  // old texts stay until the new ones are there, and the control keeps the focus.
  function follow() {
    if ((spoken ?? language()) === language() || !words()) return;
    const at = document.activeElement;
    dock();
    if (!at.isConnected) docked.querySelector("button").focus();
  }

  // Returns nothing until its texts are there, so that nobody hears one language and then another.
  function permanentControl() {
    const texts = words();
    spoken = texts && language();
    if (!texts) return;
    const { language: lang = "en", direction: dir = "" } = texts;
    const made = document.createElement("section");
    const ariaLabel = dataset.controlLabel || texts.control;
    Object.assign(made, { id: "askfirst-control", ariaLabel, lang, dir });
    made.append(button("control", ariaLabel, show));
    if (choice.token())
      made.append(
        button("withdraw", dataset.withdrawLabel || texts.withdraw, () => choice.withdraw("preferences")),
      );
    return made;
  }

  // Pads the page so that nothing lies hidden behind the bar or control, least of all what has the
  // focus. Neither is printed, so paper needs no padding.
  function makeRoom() {
    const high = `padding-bottom:${docked?.offsetHeight}px!important`;
    room.replaceSync(docked ? `@media screen{html{${high};scroll-${high};box-sizing:content-box!important}}` : "");
  }

  function put(node, act) {
    ours.set(node, act);
    settle();
  }

  function drop(node) {
    ours.delete(node);
    node.remove();
  }

  // A page may replace its body or its root: then our elements are added again, and dead copies that
  // the page kept are removed. Where a page removes them each time, this happens ten times a second at
  // most. They are added behind the page's own nodes and not before the page is parsed, as a framework
  // may be taking those over (hydration).
  function settle() {
    const { body, documentElement } = document;
    if (document.readyState === "loading") return;
    for (const node of [document, documentElement, body])
      if (node) observer.observe(node, { attributeFilter: ["lang"], childList: true });
    if (!body) return;
    follow();
    for (const node of [...body.children]) if (/^askfirst-/.test(node.id) && !ours.has(node)) node.remove();
    ours.forEach(putBack);
    gates();
  }

  function putBack(act, node) {
    if (node.isConnected || turns > 9) return;
    if (!turns++) setTimeout(startAgain, 1000);
    document.body.append(node);
    act?.();
  }

  function startAgain() {
    turns = 0;
    settle();
  }

  // Shows a bar or, without one, the control; `false` removes what is shown.
  function dock(bar) {
    if (docked) drop(docked);
    spoken = undefined;
    docked = bar ?? (dataset.control !== "off" && permanentControl());
    if (docked) ours.set(docked, makeRoom);
    else makeRoom();
    settle();
  }

  // Looks for elements that wait for a purpose; again when the page is complete or has another body.
  function gates() {
    if (choice.token() && document.querySelector("[data-askfirst-purpose]")) open("gates");
  }

  // While the banner loads there is no control: the banner brings its texts.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    const asks = !dataset.manager && detail.choice === "none" && !navigator.globalPrivacyControl;
    dock(asks ? false : undefined);
    gates();
    if (dataset.manager || asks || choice.withdrawn())
      open(dataset.manager ? "managers" : "banner", (part) => part.ask()).then(() => docked || dock());
  });
  addEventListener("load", gates);

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-askfirst-show]")) {
      event.preventDefault();
      show();
    }
  });

  // The system colours follow dark mode and forced colours by themselves.
  style(`
    #askfirst-control {
      position: fixed;
      z-index: 2147483647;
      bottom: 0;
      padding: 6px;
      color-scheme: light dark;
      inset-inline-start: 0;
      button {
        all: revert;
        font: .8125rem system-ui;
        background: Canvas;
        padding: 0 14px;
        border: solid 1px;
        border-radius: 8px;
        min-height: 44px;
        margin: 2px;
        color: CanvasText;
      }
      @media print { display:none }
    }
  `);

  askfirst.control = { dataset, drop, put, labels, makeRoom, style, dock, button, open, language };
  askfirst.consent = {
    show,
    get: choice.read,
    set: (wanted) =>
      Object.values(wanted).some(Boolean)
        ? open("banner", () => askfirst.granting.set(wanted))
        : choice.withdraw(),
    withdraw: () => choice.withdraw(),
  };
})();
