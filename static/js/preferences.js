// The second layer: the preferences and the offer to erase; joined to banner.js.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.banner || askfirst.banner.preferences) return;

  const { banner, choice, send } = askfirst;
  const { button, dock } = askfirst.control;
  const { keep, say, focusAgain, worded } = banner;
  const { element, root, part, complaint, list, facts, policyLink, lay, status } =
    banner.pieces;

  function checkbox({ id, title, text }) {
    const box = element("input", { type: "checkbox", value: id, id: `askfirst-purpose-${id}` });
    const about = element("span", { id: `${box.id}-text` }, text);
    box.checked = choice.read().purposes.includes(id);
    box.setAttribute("aria-describedby", about.id);
    return part("purpose", box, element("label", { for: box.id }, title), about);
  }

  function state({ texts }) {
    const now = choice.read().choice;
    const signal = now === "none" && navigator.globalPrivacyControl ? ` ${texts.gpc}` : "";
    const withdrew = now === "refused" && typeof choice.toErase() === "string";
    const said = (withdrew && texts.state_withdrawn) || texts[`state_${now}`];
    return part("state", said + signal);
  }

  async function save(event, words, dialog, alert) {
    const boxes = [...dialog.querySelectorAll(":checked")];
    if (boxes.length && !event.isTrusted) return;
    const had = choice.read().token;
    const purposes = boxes.map((box) => box.value);
    if (!(await keep(words, purposes, "preferences", alert))) return;
    dialog.close();
    const { thanks, refused } = words.texts;
    if (purposes.length || !had) say(words, purposes.length ? thanks : refused);
  }

  function answersOf(dialog, words) {
    const { texts } = words;
    const alert = complaint();
    const answers = part("answers", alert);
    answers.append(button("save", texts.save, (event) => save(event, words, dialog, alert)));
    const withdraw = () => {
      dialog.close();
      choice.withdraw("preferences");
    };
    if (choice.read().token) answers.append(button("withdraw", texts.withdraw, withdraw));
    answers.append(button("close", texts.close, () => dialog.close()));
    return answers;
  }

  function preferencesDialog(words) {
    const { texts } = words;
    const dialog = root("dialog", "askfirst-preferences", words, texts.preferences);
    const rights = words.rights.map((right) => element("li", {}, right));
    const more = part("text", element("h3", {}, texts.fields_title));
    more.append(list(words.fields.map(({ name, text }) => [name, text])));
    more.append(element("h3", {}, texts.rights), element("ul", {}, ...rights), policyLink(words));
    const { name, contact } = words.controller;
    const full = { ...words, controller: { name: [name, contact].filter(Boolean).join(", ") } };
    dialog.append(state(words), ...words.purposes.map(checkbox), list(facts(full)), more);
    dialog.append(answersOf(dialog, words));
    return dialog;
  }

  // From the last control on to the first and back: without this the browser's own bar comes next.
  function goRound(event) {
    if (event.key !== "Tab") return;
    const stops = [...event.currentTarget.querySelectorAll("input,a,button")];
    const [leaving, next] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    const at = document.activeElement;
    if (at !== leaving && (stops.includes(at) || !event.shiftKey)) return;
    event.preventDefault();
    next.focus();
  }

  // Escape and Close change nothing.
  async function preferences() {
    const words = await worded();
    if (document.getElementById("askfirst-preferences")) return;
    const dialog = preferencesDialog(words);
    dialog.onclose = () => {
      dialog.remove();
      focusAgain();
    };
    dialog.addEventListener("keydown", goRound);
    status.remove();
    document.body.append(dialog);
    dialog.showModal();
  }

  function leave() {
    choice.decided();
    dock();
    focusAgain();
  }

  async function erase(words, panel, alert) {
    alert.textContent = "";
    try {
      const { receipt } = await send.consent("consent/erase", { token: choice.toErase() });
      choice.decided();
      showReceipt(receipt, words.texts, panel);
    } catch {
      alert.textContent = words.texts.failed;
    }
  }

  function showReceipt({ receipt_id: id }, texts, panel) {
    const title = panel.querySelector("h2");
    const number = element("code", { id: "askfirst-receipt" }, id);
    title.textContent = texts.erased;
    const said = part("text", title, list([[texts.receipt, number]]));
    said.append(element("p", {}, texts.receipt_text));
    panel.replaceChildren(said, part("answers", button("close", texts.close, leave)));
    title.focus();
  }

  // On a page that opens with the offer the focus stays where it is.
  async function offerErasure(moved) {
    const words = await worded();
    const { texts } = words;
    if (!choice.toErase()) return;
    const panel = root("section", "askfirst-erasure", words, texts.withdrawn);
    const title = panel.firstChild;
    const alert = complaint();
    const answers = part("answers", alert, button("keep", texts.keep, leave));
    answers.append(button("erase", texts.erase, () => erase(words, panel, alert)));
    panel.append(part("text", title, element("p", {}, texts.erase_now)), answers);
    lay(panel);
    if (moved) title.focus({ preventScroll: true });
  }

  Object.assign(banner, { preferences, offerErasure });
})();
