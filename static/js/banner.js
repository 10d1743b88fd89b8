// The question itself: the banner and its looks; loaded only when there is need.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.granting || askfirst.banner) return;

  const { choice } = askfirst;
  const { open, button, style, put, drop, dock, makeRoom } = askfirst.control;
  const { worded, keep } = askfirst.granting;
  const status = element("p", { id: "askfirst-status", role: "status", tabindex: -1 });

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children);
    return made;
  }

  function root(name, id, { language, direction, theme }, heading) {
    const title = element("h2", { id: `${id}-title`, tabindex: -1 }, heading);
    const names = { id, lang: language, dir: direction, "aria-labelledby": title.id };
    const made = element(name, names, title);
    for (const key in theme) made.style.setProperty(`--askfirst-${key}`, theme[key]);
    return made;
  }

  const part = (name, ...children) => element("div", { "data-askfirst": name }, ...children);
  const complaint = () => element("p", { role: "alert" });

  // Says what came of the choice, to eyes and ears.
  function say({ language, direction }, text) {
    status.lang = language;
    status.dir = direction;
    status.textContent = "";
    status.className = "";
    put(status);
    setTimeout(drop, 8000, status);
    focusAgain();
    setTimeout(speak, 100, text, document.activeElement);
  }

  // It goes when the focus moves on, which it could otherwise cover; where that has moved already
  // it is for ears alone.
  function speak(text, focused) {
    if (document.activeElement !== focused) status.className = "unseen";
    status.textContent = text;
    document.addEventListener("focusin", () => drop(status), { once: true });
  }

  // Where what had the focus is gone, the control takes it.
  function focusAgain() {
    if (document.activeElement !== document.body) return;
    const next = document.querySelector("#askfirst-control button") || status;
    next.focus({ preventScroll: true });
  }

  function policyLink({ policy_url: path, texts }) {
    return element("a", { href: `${choice.base}${path.slice(1)}` }, texts.policy);
  }

  function list(rows) {
    const row = ([name, text]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, text));
    return element("dl", {}, ...rows.map(row));
  }

  const bullets = (texts) => element("ul", {}, ...texts.map((text) => element("li", {}, text)));

  const facts = ({ controller, retention, recipients, texts }) => [
    [texts.controller, controller.name],
    [texts.retention, retention],
    [texts.recipients, recipients],
  ];

  // A yes needs a person's own click; a no is also taken from a tool that refuses for its user.
  async function accept(event, words, alert, more) {
    if (!event.isTrusted) return;
    const purposes = words.purposes.map(({ id }) => id);
    if (await keep(words, purposes, "banner", alert, more)) say(words, words.texts.thanks);
  }

  function refuse(words) {
    const { language, version } = words;
    choice.withdraw("banner", { language, version });
    say(words, words.texts.refused);
  }

  // A listener, for a script can call what lies in onclick with an event of its own making.
  function pressed(name, label, act) {
    const made = button(name, label);
    made.addEventListener("click", act);
    return made;
  }

  // All answers look alike; with more than the statistics to decide about they say "all".
  function answersTo(words) {
    const { texts, purposes, only_this_visit: once } = words;
    const alert = complaint();
    const yes = (more) => (event) => accept(event, words, alert, more);
    const several = purposes[1] || purposes[0].id !== "statistics" ? "_all" : "";
    return part(
      "answers",
      alert,
      button("refuse", texts[`refuse${several}`], () => refuse(words)),
      pressed("accept", texts[`accept${several}`], yes()),
      ...(once ? [pressed("once", texts.accept_once, yes({ once }))] : []),
      button("preferences", texts.preferences, showPreferences),
    );
  }

  function banner(words) {
    const { texts, purposes, changes } = words;
    const bar = root("section", "askfirst-banner", words, texts.title);
    const rows = [...purposes.map(({ title, text }) => [title, text]), ...facts(words)];
    const text = part("text", bar.firstChild, element("p", {}, texts.intro));
    if (changes?.[0]) text.append(element("h3", {}, texts.changed_title), bullets(changes));
    text.append(list(rows), policyLink(words));
    bar.append(text, answersTo(words));
    return bar;
  }

  function lay(bar) {
    drop(status);
    dock(bar);
    new ResizeObserver(makeRoom).observe(bar);
  }

  // Asks, or where a yes was just withdrawn offers to erase what it allowed. Some browsers send
  // GPC as a header alone, which the words then tell.
  async function ask() {
    if (choice.read().choice !== "none" || navigator.globalPrivacyControl) return offerErasure();
    const words = await worded("first", true);
    if (choice.read().choice === "none" && !words.gpc) lay(banner(words));
  }

  const showPreferences = () => open("preferences", (preferences) => preferences.show());
  const offerErasure = () => open("preferences", (preferences) => preferences.offerErasure());

  style(`
    :is(#askfirst-banner, #askfirst-erasure, #askfirst-preferences, #askfirst-status) {
      all: initial;
      --ink: var(--askfirst-text, #1d2733);
      --ground: var(--askfirst-background, #fff);
      --key: var(--askfirst-button, #24405c);
      --on: var(--askfirst-button_text, #fff);
      display: block;
      box-sizing: border-box;
      color-scheme: light;
      color: var(--ink);
      background: var(--ground);
      font: max(16px, 1rem)/1.5 system-ui;
      text-align: start;
      @media (prefers-color-scheme: dark) {
        color-scheme: dark;
        --ink: var(--askfirst-dark_text, #e9eef3);
        --ground: var(--askfirst-dark_background, #18202a);
        --key: var(--askfirst-dark_button, #d5e1ec);
        --on: var(--askfirst-dark_button_text, #14202c);
      }
      @media print { display: none }
      * { all: revert; box-sizing: border-box; font: inherit }
      :focus-visible:not(h2) { outline: 3px solid; outline-offset: 2px }
      h2, h3, dt, button { font-weight: 600 }
      h2 { font-size: 1.1875em; line-height: 1.3; outline: 0 }
      h2, h3, p { margin: 0 0 8px }
      p:empty { display: none }
      ul { margin: 0 0 8px; padding-inline-start: 20px }
      dl, li, a { margin: 0 0 4px; font-size: .875em }
      dt { display: inline }
      dt:after { content: ": " }
      dd { display: inline; margin: 0 }
      a { display: inline-block; padding: 3px 0; color: var(--key) }
      button {
        min-height: 44px;
        padding: 6px;
        border: 1px solid;
        border-radius: 8px;
        background: none;
        color: inherit;
        font-size: .9375em;
      }
      [data-askfirst=accept], [data-askfirst=refuse], [data-askfirst=once] {
        border-color: var(--key);
        background: var(--key);
        color: var(--on);
      }
      [data-askfirst=preferences] {
        grid-column: 1/-1;
        border-color: #0000;
        font-weight: 400;
        text-decoration: underline;
      }
      [data-askfirst=text] { flex: 1 1 400px; min-width: 0 }
      [data-askfirst=answers] {
        flex: 0 1 360px;
        display: grid;
        gap: 8px;
        background: var(--ground);
        grid-template-columns: repeat(auto-fit, minmax(min(8.5em, 100%), 1fr));
      }
      :has(> [data-askfirst=once]) { grid-template-columns: 1fr }
      [role=alert] {
        grid-column: 1/-1;
        margin: 0;
        padding-inline-start: 10px;
        border-inline-start: 4px solid;
      }
    }
    #askfirst-banner, #askfirst-erasure {
      position: fixed;
      z-index: 2147483647;
      inset: auto 0 0;
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 12px 40px;
      max-height: 70vh;
      overflow: auto;
      padding: 20px max(16px, 50vw - 576px);
      border-top: 1px solid #8888;
      box-shadow: 0 -8px 32px #0a142026;
    }
    #askfirst-banner dl { display: flex; flex-wrap: wrap; gap: 0 16px }
    @media (min-height: 480px) {
      :is(#askfirst-banner, #askfirst-preferences) [data-askfirst=answers] {
        position: sticky;
        bottom: -20px;
        padding: 12px 0 20px;
        margin-bottom: -20px;
      }
    }
    #askfirst-status:not(:empty) {
      position: fixed;
      z-index: 2147483646;
      bottom: 60px;
      inset-inline-start: 8px;
      max-width: min(420px, 100% - 16px);
      margin: 0;
      padding: 10px 14px;
      border: 1px solid;
      border-radius: 8px;
      &.unseen { opacity: 0; pointer-events: none }
    }
  `);

  const pieces = { pressed, element, root, part, complaint, list, bullets, facts, policyLink, lay, status };
  askfirst.banner = { ask, say, focusAgain, preferences: showPreferences, pieces };
})();
