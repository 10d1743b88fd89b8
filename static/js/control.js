// What lies at the page's lower edge: the permanent control, or a bar; it loads the other parts.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.control) return;

  const { choice } = askfirst;
  const { dataset, nonce } = choice.script;
  const show = () => open("banner", (banner) => banner.preferences());

  const parts = {};
  const labels = {}; // the control's words, by the language that was asked for; null: on their way
  const ENGLISH = { language: "en", control: "Privacy choices", withdraw: "Withdraw consent" };
  const PATIENCE = 3000; // milliseconds
  let policy;
  let docked;

  // All that our policy ever allows: the scripts beside the tag.
  const rules = { createScriptURL: (name) => `${choice.base}${name}.js` };

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

  const pageLanguage = () => dataset.lang || document.documentElement.lang;
  const language = () => pageLanguage() || navigator.language;

  // The wording's words, which English pages need not ask for; none while they are on their way.
  function fetched(lang = language()) {
    const said = lang in labels || !/^en\b/i.test(lang) ? labels[lang] : ENGLISH;
    return said === undefined ? learn(lang) : said;
  }

  // What the line to paste says goes before.
  function words() {
    const { controlLabel, withdrawLabel } = dataset;
    const said = controlLabel && withdrawLabel ? { language: pageLanguage() } : fetched();
    return said && { ...said, control: controlLabel || said.control, withdraw: withdrawLabel || said.withdraw };
  }

  // Where the words do not come in time it is English, for there has to be something to press.
  function learn(lang) {
    hear(lang);
    return (labels[lang] = null);
  }

  async function hear(lang) {
    const late = new Promise((done) => setTimeout(done, PATIENCE, {}));
    const path = `wording/${dataset.site}/control.json?lang=${encodeURIComponent(lang)}`;
    const answer = await Promise.race([askfirst.send.request(path), late]);
    const said = answer.ok && (await answer.json().catch(() => {}));
    labels[lang] ??= said || ENGLISH;
    if (!docked || docked.id === "askfirst-control") dock();
  }

  // Comes with its words: nobody hears one language first and then another.
  function permanentControl() {
    const said = words();
    if (!said) return said;
    const { language: lang, direction: dir = "", control: ariaLabel } = said;
    const made = document.createElement("section");
    Object.assign(made, { id: "askfirst-control", ariaLabel, lang, dir });
    made.append(button("control", ariaLabel, show));
    const withdraw = () => choice.withdraw("preferences");
    if (choice.token()) made.append(button("withdraw", said.withdraw, withdraw));
    return made;
  }

  // Nothing of the page may lie hidden below, least of all what has the focus; on paper nothing does.
  function makeRoom() {
    const height = `${docked?.offsetHeight}px !important`;
    const css = `padding-bottom: ${height}; scroll-padding-bottom: ${height}; box-sizing: content-box !important`;
    room.replaceSync(docked ? `@media not print { :root { ${css} } }` : "");
  }

  // A bar, or the control; false takes away what is there.
  function dock(bar) {
    docked?.remove?.();
    docked = bar ?? (dataset.control !== "off" && permanentControl());
    if (docked) document.body[bar ? "prepend" : "append"](docked);
    makeRoom();
  }

  // What waits for a purpose is looked for once more when the page is complete.
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

  // An application may change its page's language under way; the old words stay until the new are there.
  new MutationObserver(() => {
    if (docked?.id === "askfirst-control" && words()) dock();
  }).observe(document.documentElement, { attributeFilter: ["lang"] });

  // System colours follow dark mode and forced colours by themselves.
  style(`
    #askfirst-control {
      position: fixed;
      z-index: 2147483647;
      bottom: 0;
      inset-inline-start: 0;
      padding: 6px;
      color-scheme: light dark;
      button {
        all: revert;
        min-height: 44px;
        margin: 2px;
        padding: 0 14px;
        font: .8125rem system-ui;
        border: solid 1px;
        border-radius: 8px;
        background: Canvas;
        color: CanvasText;
      }
      @media print { display:none }
    }
  `);

  const room = style("");

  askfirst.control = { open, button, style, dock, makeRoom, labels, language };
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
