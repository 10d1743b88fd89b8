// What lies at the page's lower edge: the permanent control, or a bar that banner.js puts there.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.choice || askfirst.control) return;

  const { choice } = askfirst;
  const { controlLabel, withdrawLabel = "Withdraw consent" } = choice.script.dataset;
  const show = () => withBanner((banner) => banner.preferences());

  let loading;
  let docked;
  let padding;

  function load(resolve, reject) {
    const part = document.createElement("script");
    const createScriptURL = () => `${choice.base}banner.js`; // all that our policy ever allows
    const policy = window.trustedTypes?.createPolicy("askfirst", { createScriptURL });
    part.src = policy ? policy.createScriptURL("") : createScriptURL();
    part.nonce = choice.script.nonce;
    part.onload = () => resolve(askfirst.banner);
    part.onerror = reject;
    document.head.append(part);
  }

  // Where it does not load nobody is asked, so nothing is recorded.
  async function withBanner(act) {
    try {
      await act(await (loading ||= new Promise(load)));
    } catch {
      if (!askfirst.banner) loading = null;
    }
  }

  function button(name, label, act) {
    const made = document.createElement("button");
    made.dataset.askfirst = name;
    return Object.assign(made, { type: "button", textContent: label, onclick: act });
  }

  function style(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  function permanentControl() {
    const made = document.createElement("section");
    const ariaLabel = controlLabel || "Privacy choices";
    Object.assign(made, { id: "askfirst-control", ariaLabel });
    if (!controlLabel) made.lang = "en";
    made.append(button("control", ariaLabel, show));
    const withdraw = () => choice.withdraw("preferences");
    if (choice.read().token) made.append(button("withdraw", withdrawLabel, withdraw));
    return made;
  }

  // Nothing of the page may lie hidden below, least of all what has the focus.
  function makeRoom() {
    const { body, documentElement } = document;
    padding ||= getComputedStyle(body).paddingBottom;
    const height = `${docked ? docked.offsetHeight : 0}px`;
    documentElement.style.scrollPaddingBottom = height;
    body.style.paddingBottom = `calc(${padding} + ${height})`;
  }

  function dock(bar) {
    docked?.remove();
    docked = bar || (choice.script.dataset.control !== "off" && permanentControl());
    if (docked) document.body[bar ? "prepend" : "append"](docked);
    makeRoom();
  }

  document.addEventListener("askfirst:choice", ({ detail }) => {
    dock();
    if (detail.choice === "none" && !navigator.globalPrivacyControl)
      withBanner((banner) => banner.ask());
    if (detail.choice === "refused" && choice.toErase())
      withBanner((banner) => banner.offerErasure());
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-askfirst-show]")) return;
    event.preventDefault();
    show();
  });

  // System colours follow dark mode and forced colours by themselves.
  style(`#askfirst-control{position:fixed;z-index:2147483646;bottom:0;inset-inline-start:0;
padding:8px;display:flex;flex-wrap:wrap;gap:6px;color-scheme:light dark}
#askfirst-control button{all:revert;min-height:44px;padding:0 14px;font:13px system-ui,sans-serif;
border:1px solid GrayText;border-radius:8px;background:Canvas;color:CanvasText;cursor:pointer}
@media print{#askfirst-control{display:none}}`);

  askfirst.control = { button, style, dock, makeRoom, withBanner };
  askfirst.consent = {
    show,
    get: choice.state,
    set(wanted) {
      const purposes = Object.keys(wanted).filter((id) => wanted[id]);
      if (!purposes[0]) return choice.withdraw("api");
      return withBanner((banner) => banner.choose(purposes, "api"));
    },
    withdraw: () => choice.withdraw("api"),
  };
})();
