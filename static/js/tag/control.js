// What lies at the page's lower edge: the permanent control, or a bar; it loads the other parts.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.control) return;

  const { choice } = askfirst;
  const { nonce } = choice.script;
  const dataset = { ...choice.script.dataset }; // whose words the question may change, not the page
  const show = () => open("banner", (banner) => banner.preferences());

  const parts = {};
  const ours = new Map(); // what is to be on the page, and what is done each time it is put there
  const observer = new MutationObserver(settle);
  const room = style("");
  const labels = {}; // the control's words, by the language that was asked for; 0: on their way
  const ENGLISH = { control: "Privacy choices", withdraw: "Withdraw consent" };
  let policy;
  let docked;
  let spoken; // the page's language when the control was made, 0: its words are on their way
  let turns = 0;

  // All that our policy ever allows: the scripts beside the tag. Served it has a hash of them for the 0,
  // so that no browser takes a part that it kept of another release.
  const rules = { createScriptURL: (name) => `${choice.base}${name}.js?0` };

  function load(name) {
    return new Promise((resolve, reject) => {
      policy ??= window.trustedTypes?.createPolicy("askfirst", rules) ?? rules;
      const part = document.createElement("script");
      part.src = policy.createScriptURL(name);
      part.nonce = nonce;
      part.onload = () => resolve(askfirst[name]);
      part.onerror = (error) => reject(error, delete parts[name]); // it may be tried again
      document.head.append(part);
    });
  }

  // Where the question does not load nobody is asked, so nothing is recorded.
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

  const language = () => dataset.lang || document.documentElement.lang || navigator.language;

  // What the line to paste says goes before; English pages need not ask. None while they are on their way.
  function words() {
    const lang = language();
    if (dataset.controlLabel && dataset.withdrawLabel)
      return { language: dataset.lang || document.documentElement.lang };
    return labels[lang] ?? (/^en\b/i.test(lang) ? ENGLISH : learn(lang));
  }

  // Where the words do not come in time it is English, for there has to be something to press.
  function learn(lang) {
    const done = (said) => follow((labels[lang] ||= said || ENGLISH)); // or what the question brought
    setTimeout(done, 3000); // milliseconds
    open("labels", (part) => part.ask(lang)).then(done);
    return (labels[lang] = 0);
  }

  // An application may change its page's language under way, or replace the root that says it. The old
  // words stay until the new are there, and the focus stays with the control.
  function follow() {
    if ((spoken ?? language()) === language() || !words()) return;
    const at = document.activeElement;
    dock();
    if (!at.isConnected) docked.querySelector("button").focus();
  }

  // Comes with its words: nobody hears one language first and then another.
  function permanentControl() {
    const said = words();
    spoken = said && language();
    if (!said) return;
    const { language: lang = "en", direction: dir = "" } = said;
    const made = document.createElement("section");
    const ariaLabel = dataset.controlLabel || said.control;
    Object.assign(made, { id: "askfirst-control", ariaLabel, lang, dir });
    made.append(button("control", ariaLabel, show));
    if (choice.token()) made.append(button("withdraw", dataset.withdrawLabel || said.withdraw, () => choice.withdraw("preferences")));
    return made;
  }

  // Nothing of the page may lie hidden below, least of all what has the focus; on paper nothing does.
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

  // A page may replace its body, or all of it: then it gets ours again, and none of the dead copies
  // that it kept. One that removes ours each time gets them ten times a second. They lie behind the
  // page's own nodes, and never among those that are still coming, for a framework may take these over.
  function settle() {
    const { body, documentElement } = document;
    if (document.readyState === "loading") return;
    for (const node of [document, documentElement, body]) if (node) observer.observe(node, { childList: true, attributeFilter: ["lang"] });
    if (!body) return;
    follow();
    for (const node of [...body.children]) if (/^askfirst-/.test(node.id) && !ours.has(node)) node.remove();
    ours.forEach(putBack);
    gates();
  }

  function putBack(act, node) {
    if (node.isConnected || turns > 9) return;
    if (!turns++) setTimeout(() => settle((turns = 0)), 1000);
    document.body.append(node);
    act?.();
  }

  // A bar, or the control; false takes away what is there.
  function dock(bar) {
    if (docked) drop(docked);
    spoken = undefined;
    docked = bar ?? (dataset.control !== "off" && permanentControl());
    if (docked) ours.set(docked, makeRoom);
    else makeRoom();
    settle();
  }

  // What waits for a purpose is looked for once more when the page is complete, or has another body.
  function gates() {
    if (choice.token() && document.querySelector("[data-askfirst-purpose]")) open("gates");
  }

  // While the question comes there is no control: its words come along.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    const { manager } = dataset;
    const asks = !manager && detail.choice === "none" && !navigator.globalPrivacyControl;
    dock(asks ? false : undefined);
    gates();
    if (manager || asks || choice.withdrawn())
      open(manager ? "managers" : "banner", (part) => part.ask()).then(() => docked || dock());
  });
  addEventListener("load", gates);

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-askfirst-show]")) show(event.preventDefault());
  });

  // System colours follow dark mode and forced colours by themselves.
  style(`
    #askfirst-control {
      position: fixed;
      color-scheme: light dark;
      padding: 6px;
      bottom: 0;
      inset-inline-start: 0;
      z-index: 2147483647;
      button {
        all: revert;
        padding: 0 14px;
        min-height: 44px;
        margin: 2px;
        border-radius: 8px;
        border: solid 1px;
        background: Canvas;
        font: .8125rem system-ui;
        color: CanvasText;
      }
      @media print { display:none }
    }
  `);

  askfirst.control = { dataset, open, button, style, put, drop, dock, makeRoom, labels, language };
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
