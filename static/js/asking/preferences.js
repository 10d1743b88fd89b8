// The preferences with all details, and the offer to erase. Loads when they are opened or after a withdrawal.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.banner || askfirst.preferences) return;

  const { banner, choice, send, views } = askfirst;
  const { button, put, drop, dock, style } = askfirst.control;
  const { keep, worded } = askfirst.granting;
  const { say, focusAgain } = banner;
  const { element, root, part, reading, complaint, list, bullets, facts, policyLink, pressed, lay, status } =
    banner.pieces;
  const { manager, site } = choice.script.dataset;

  function checkbox({ id, title, text }) {
    const box = element("input", { type: "checkbox", value: id, id: `askfirst-purpose-${id}` });
    const about = element("p", { id: `${box.id}-text` }, text);
    box.checked = choice.read().purposes.includes(id);
    box.setAttribute("aria-describedby", about.id);
    return part("purpose", box, element("label", { for: box.id }, title), about);
  }

  function state({ preferences: texts, manager: named, gpc }) {
    const now = choice.read().choice;
    const withdrew = now === "refused" && typeof choice.withdrawn() === "string";
    const said = [texts[withdrew ? "state_withdrawn" : `state_${now}`]];
    if (now === "none" && (gpc || navigator.globalPrivacyControl)) said.push(texts.gpc);
    if (manager && manager === named) said.push(texts.elsewhere);
    return part("state", said.join(" "));
  }

  // One checkbox for each purpose, none ticked beforehand; with several, two buttons tick all or none.
  function purposesOf({ purposes, preferences: texts }) {
    const boxes = part("purposes", ...purposes.map(checkbox));
    const tick = (checked) => () => {
      for (const box of boxes.querySelectorAll("input")) box.checked = checked;
    };
    const all = button("all", texts.select_all, tick(true));
    const none = button("none", texts.select_none, tick(false));
    if (purposes[1]) boxes.prepend(part("select", all, none));
    return boxes;
  }

  function fieldsOf({ purposes, preferences: texts }) {
    const made = [element("h3", {}, texts.fields_title)];
    for (const { title, fields } of purposes) {
      if (purposes[1]) made.push(element("h4", {}, title));
      made.push(list(fields.map(({ name, text }) => [name, text])));
    }
    return made;
  }

  // Shows the first event of this visit, built as every event is, but not sent.
  function example({ preferences: texts }) {
    const view = views.first();
    const body = askfirst.page.bodyOf([views.draft({ ...view, ...askfirst.page.about(view.url, true) })]);
    const shown = element("pre", { dir: "ltr", lang: "en" }, JSON.stringify(body, null, 2));
    const about = element("p", {}, texts.example_text);
    return element("details", {}, element("summary", {}, texts.example), about, shown);
  }

  // The token is sent in the body, as addresses are kept in histories and logs.
  function posted(page, label) {
    const action = `${choice.base}${page}/${site}`;
    const token = element("input", { type: "hidden", name: "token", value: choice.token() });
    const press = Object.assign(button(page, label), { type: "submit" });
    return element("form", { action, method: "post", target: "_blank", rel: "noopener" }, token, press);
  }

  // Words of an earlier release have no label of the visitor's own page; the receipt leads there, too.
  const pageOf = (page, label) => (choice.token() && label ? [posted(page, label)] : []);

  function more(words) {
    const { preferences: texts, controller } = words;
    const { name, address, contact } = controller;
    const full = { ...controller, name: [name, address, contact].filter(Boolean).join(", ") };
    const rights = [element("h3", {}, texts.rights), bullets(words.rights), policyLink(words)];
    const about = [list(facts({ ...words, controller: full })), ...fieldsOf(words)];
    const own = [...pageOf("my-data", texts.data_link), ...pageOf("receipt", texts.receipt_link)];
    return [...own, ...about, ...rights, example(words)];
  }

  async function save(event, words, dialog, alert) {
    const boxes = [...dialog.querySelectorAll(":checked")];
    if (boxes.length && !event.isTrusted) return;
    const had = choice.token();
    const purposes = boxes.map((box) => box.value);
    if (!(await keep(words, purposes, "preferences", alert))) return;
    dialog.close();
    const { thanks, refused } = words.texts;
    if (purposes.length || !had) say(words, purposes.length ? thanks : refused);
  }

  function answersOf(dialog, words) {
    const { texts, preferences } = words;
    const alert = complaint();
    const answers = part("answers", alert);
    answers.append(pressed("save", preferences.save, (event) => save(event, words, dialog, alert)));
    const withdraw = () => {
      dialog.close();
      choice.withdraw("preferences");
    };
    if (choice.token()) answers.append(button("withdraw", texts.withdraw, withdraw));
    answers.append(button("close", preferences.close, () => dialog.close()));
    return answers;
  }

  function dialogOf(words) {
    const dialog = root("dialog", "askfirst-preferences", words, words.texts.preferences);
    const text = reading(dialog.firstChild, state(words), purposesOf(words), ...more(words));
    dialog.append(text, answersOf(dialog, words));
    return dialog;
  }

  // Keeps Tab within the dialog: without this the browser's own toolbar comes after the last control.
  function cycleFocus(event) {
    if (event.key !== "Tab") return;
    const found = event.currentTarget.querySelectorAll("[tabindex='0'],input:not([type=hidden]),a,summary,button");
    const stops = [...found];
    const [leaving, next] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    const at = document.activeElement;
    if (at !== leaving && (stops.includes(at) || !event.shiftKey)) return;
    event.preventDefault();
    next.focus();
  }

  // Escape and Close change nothing.
  async function show() {
    const words = await worded();
    if (document.getElementById("askfirst-preferences")) return;
    const dialog = dialogOf(words);
    dialog.onclose = () => {
      drop(dialog);
      focusAgain();
    };
    dialog.addEventListener("keydown", cycleFocus);
    drop(status);
    put(dialog, () => {
      dialog.open = false; // a dialog that was removed from the page is no longer modal
      dialog.showModal();
    });
  }

  function leave() {
    choice.setWithdrawn("");
    dock();
    focusAgain();
  }

  async function erase(words, panel, alert, token) {
    alert.textContent = "";
    try {
      const { receipt } = await send.consent("consent/erase", { token });
      choice.setWithdrawn("");
      showReceipt(receipt, words.preferences, panel);
    } catch {
      alert.textContent = words.texts.failed;
    }
  }

  function showReceipt({ receipt_id: id }, texts, panel) {
    const [title, number] = [panel.querySelector("h2"), element("code", { id: "askfirst-receipt" }, id)];
    title.textContent = texts.erased;
    const said = reading(title, list([[texts.receipt, number]]), element("p", {}, texts.receipt_text));
    panel.replaceChildren(said, part("answers", button("close", texts.close, leave)));
    title.focus();
  }

  // The previous page was left before the server knew of the withdrawal.
  async function reportAgain(token) {
    await choice.send({ choice: "withdraw", token, method: "api" }, 1);
    if (choice.withdrawn() === token) choice.setWithdrawn(`${token} told`);
  }

  // On a page that opens with the offer, the focus stays where it is.
  async function offerErasure() {
    const [token, reported] = choice.withdrawn()?.split(" ") ?? [];
    if (!token) return;
    const opensWithIt = !choice.turn;
    if (opensWithIt && !reported) reportAgain(token).catch(() => {});
    const words = await worded();
    const { preferences: texts } = words;
    if (!choice.withdrawn()) return;
    const panel = root("section", "askfirst-erasure", words, texts.withdrawn);
    const title = panel.firstChild;
    const alert = complaint();
    const answers = part("answers", alert, button("keep", texts.keep, leave));
    answers.append(button("erase", texts.erase, () => erase(words, panel, alert, token)));
    panel.append(reading(title, element("p", {}, texts.erase_now)), answers);
    lay(panel);
    if (!opensWithIt) title.focus({ preventScroll: true });
  }

  style(`
    :is(#askfirst-erasure, #askfirst-preferences) {
      [data-askfirst=erase], [data-askfirst=keep], [data-askfirst=save] {
        border-color: var(--key);
        background: var(--key);
        color: var(--on);
      }
      [data-askfirst=state] { margin: 0 0 16px }
      h3 { margin-top: 20px }
      h4 { margin: 12px 0 4px; font-weight: 600 }
      label { font-weight: 600; margin-inline: 8px }
      input { width: 24px; height: 24px; margin: 0; vertical-align: -6px; accent-color: var(--key) }
      :is([data-askfirst=receipt], [data-askfirst=my-data]) { margin: 16px 0; padding: 6px 14px }
      details { margin: 16px 0 0 }
      summary { min-height: 32px; padding: 4px 0; font-weight: 600; cursor: pointer }
      pre {
        margin: 0;
        padding: 10px 12px;
        border: 1px solid #8888;
        border-radius: 8px;
        font: .8125em/1.5 ui-monospace, monospace;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    }
    #askfirst-preferences [data-askfirst=purpose] {
      margin: 0 0 12px;
      p { margin: 0; padding-inline-start: 32px; font-size: .9375em }
    }
    #askfirst-preferences [data-askfirst=select] {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      margin: 0 0 12px;
      button { padding: 6px 14px }
    }
    #askfirst-erasure {
      h2 { font-size: 1em }
      p { margin: 0; font-size: .9375em }
    }
    #askfirst-preferences {
      inset: 0;
      margin: auto;
      height: fit-content;
      width: min(640px, 100% - 16px);
      max-height: calc(100% - 16px);
      padding: min(20px, 3vh) min(24px, 5vw);
      border: 1px solid #8888;
      border-radius: 12px;
      overflow: auto;
      &::backdrop { background: #0a142099 }
    }
  `);

  askfirst.preferences = { show, offerErasure };
})();
