// The permanent control's words in the page's language; loaded where the page is not English.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.send || askfirst.labels) return;

  const { site } = askfirst.choice.script.dataset;

  // Gives nothing where they do not come, or are none.
  async function ask(lang) {
    const path = `wording/${site}/control.json?lang=${encodeURIComponent(lang)}`;
    const answer = await askfirst.send.request(path);
    return answer.ok ? answer.json() : undefined;
  }

  askfirst.labels = { ask };
})();
