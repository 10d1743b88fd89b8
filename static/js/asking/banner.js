// The banner, its styles, and what the preferences share with it. Loads while there is something to ask.
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

  // Says what came of the choice, visibly and to screen readers.
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

  // The status is removed when the focus moves, as it could cover what has the focus; where the focus
  // has already moved, it is for screen readers alone.
  function speak(text, focused) {
    if (document.activeElement !== focused) status.className = "unseen";
    status.textContent = text;
    document.addEventListener("focusin", () => drop(status), { once: true });
  }

  // Moves the focus to the control where the element that had it is gone.
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

  // Builds the text above the answers. It scrolls where there is no room for it, and then takes the focus.
  function reading(title, ...children) {
    const text = part("text", title, ...children);
    const fits = { tabIndex: -1, role: null, ariaLabel: null };
    const scrolls = { tabIndex: 0, role: "group", ariaLabel: title.textContent };
    const resized = () => Object.assign(text, text.scrollHeight > text.clientHeight + 1 ? scrolls : fits);
    new ResizeObserver(resized).observe(text);
    return text;
  }

  const facts = ({ controller, retention, recipients, texts }) => [
    [texts.controller, controller.name],
    [texts.retention, retention],
    [texts.recipients, recipients],
  ];

  // A yes needs a person's own click; a refusal may also come from a tool that refuses for its user.
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

  // Uses a listener, as a script could call an `onclick` with an event that it made.
  function pressed(name, label, act) {
    const made = button(name, label);
    made.addEventListener("click", act);
    return made;
  }

  // All answers look alike. With several purposes their labels say "all": the server sends one kind.
  function answersTo(words) {
    const { texts, only_this_visit: once } = words;
    const alert = complaint();
    const yes = (more) => (event) => accept(event, words, alert, more);
    return part(
      "answers",
      alert,
      button("refuse", texts.refuse_all ?? texts.refuse, () => refuse(words)),
      pressed("accept", texts.accept_all ?? texts.accept, yes()),
      ...(once ? [pressed("once", texts.accept_once, yes({ once }))] : []),
      part("more", policyLink(words), button("preferences", texts.preferences, showPreferences)),
    );
  }

  function banner(words) {
    const { texts, purposes, changes } = words;
    const bar = root("section", "askfirst-banner", words, texts.title);
    const why = ({ title, text }) => [`${texts.purpose}: ${title}`, text];
    const text = reading(bar.firstChild, element("p", {}, texts.intro));
    if (changes?.[0]) text.append(element("h3", {}, texts.changed_title), bullets(changes));
    text.append(list([...purposes.map(why), ...facts(words)]));
    bar.append(text, answersTo(words));
    return bar;
  }

  function lay(bar) {
    drop(status);
    dock(bar);
    new ResizeObserver(makeRoom).observe(bar);
  }

  // Shows the banner, or after a withdrawal the offer to erase. Some browsers send Global Privacy Control
  // as a header alone, which the server then says beside the texts.
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
      display: flex;
      flex-direction: column;
      gap: 8px;
      position: fixed;
      box-sizing: border-box;
      color-scheme: light;
      color: var(--ink);
      background: var(--ground);
      font: max(16px, min(1rem, 4vh + 1vw, 6vh, 9vw))/1.5 system-ui;
      text-align: start;
      @media (prefers-color-scheme: dark) {
        color-scheme: dark;
        --ink: var(--askfirst-dark_text, #e9eef3);
        --ground: var(--askfirst-dark_background, #18202a);
        --key: var(--askfirst-dark_button, #d5e1ec);
        --on: var(--askfirst-dark_button_text, #14202c);
      }
      @media print { display: none !important }
      * { all: revert; box-sizing: border-box; font: inherit; overflow-wrap: anywhere }
      :focus-visible { outline: 3px solid; outline-offset: 2px }
      h2, h3, dt, button, [role=alert] { font-weight: 600 }
      h2 { font-size: 1.1875em; line-height: 1.3 }
      h2, h3, p, ul { margin: 0 0 8px }
      ul { padding-inline-start: 20px }
      p:empty { display: none }
      dl, li, a { margin: 0 0 4px; font-size: .875em }
      dt, dd { display: inline; margin: 0 }
      dt:after { content: ": " }
      a { display: inline-block; padding: 3px 0; color: var(--key) }
      button {
        min-height: 44px;
        padding: 4px 2px;
        border: 1px solid;
        border-radius: 8px;
        background: none;
        color: inherit;
        font-size: .875em;
        line-height: 1.25;
      }
      [data-askfirst=accept], [data-askfirst=refuse], [data-askfirst=once] {
        border-color: var(--key);
        background: var(--key);
        color: var(--on);
      }
      [data-askfirst=once] { align-self: start }
      [data-askfirst=preferences] { border-color: #0000; font-weight: 400; text-decoration: underline }
      /* Where the text goes on below, its edge is dashed, and shaded until its end covers the shade. */
      [data-askfirst=text] { min-height: 2em; margin: -5px; padding: 5px; overflow: auto }
      [role=group] { background: bottom/100% 20px no-repeat linear-gradient(var(--ground) 0 0) local,
        bottom/100% 20px no-repeat linear-gradient(#0000, #8888); border-bottom: 2px dashed }
      [data-askfirst=answers] {
        display: grid;
        gap: 6px 8px;
        grid-template-columns: repeat(auto-fit, minmax(max(8em, 50% - 4px), 1fr));
      }
      [data-askfirst=more] {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-around;
        gap: 0 8px;
      }
      [role=alert], [data-askfirst=accept]+[data-askfirst=more] { grid-column: 1/-1 }
    }
    #askfirst-banner, #askfirst-erasure {
      z-index: 2147483647;
      inset: auto 0 0;
      max-height: max(70vh, min(18em, 100vh - 32px));
      overflow: auto;
      padding: min(20px, 4vh - 5px) max(16px, 50vw - 576px);
      border-top: 1px solid #8888;
      @media (min-width: 800px) {
        flex-direction: row;
        gap: 40px;
        [data-askfirst=text] { flex: 1 }
        [data-askfirst=answers] { flex: 0 0 360px; align-self: center }
      }
    }
    #askfirst-banner dl { display: flex; flex-wrap: wrap; gap: 0 16px }
    #askfirst-status {
      z-index: 2147483646;
      bottom: 60px;
      inset-inline: 8px;
      width: fit-content;
      max-width: 420px;
      padding: 8px;
      border: 1px solid;
      border-radius: 8px;
      &:empty, &.unseen { opacity: 0; z-index: -1 }
    }
  `);

  const pieces = { pressed, element, root, part, reading, complaint, list, bullets, facts, policyLink, lay, status };
  askfirst.banner = { ask, say, focusAgain, preferences: showPreferences, pieces };
})();
