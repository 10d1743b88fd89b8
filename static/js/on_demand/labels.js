// The texts of the permanent control in the page's language. Loads where the page is not in English.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.send || askfirst.labels) return;

  const { site } = askfirst.choice.script.dataset;

  // Returns undefined where the server has none or does not answer.
  async function ask(lang) {
    const path = `wording/${site}/control.json?lang=${encodeURIComponent(lang)}`;
    const answer = await askfirst.send.request(path);
    return answer.ok ? answer.json() : undefined;
  }

  askfirst.labels = { ask };
})();
