// A yes of before, when one cookie served all sites of a domain: its own site takes it over.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.earlier) return;

  const { choice, send } = askfirst;
  const { site } = choice.script.dataset;

  // A token names its site by a number, and which is this site's the server tells everybody. The
  // token is not sent there: it may be another site's.
  async function numberOfSite() {
    const answer = await send.request(`manifest/${site}.json`);
    return answer.ok ? (await answer.json()).site_number : undefined;
  }

  // The copy ends with the browser, so it outlives nothing; the cookie of before stays, which the
  // server may have set to stay longer than a script's, and goes with the next choice.
  async function adopt() {
    const before = choice.earlier();
    const number = await numberOfSite();
    const token = before.find((it) => number && choice.claims(it)?.s === number);
    if (token && choice.older()) end(token);
    else if (choice.earlier().includes(token)) choice.copy(token);
  }

  // The visitor chose anew meanwhile, when this yes was not known: a no is one to it as well.
  function end(token) {
    choice.wipe();
    if (choice.read().choice === "refused")
      choice.tell({ choice: "withdraw", token, method: "api" }, 1).catch(() => {});
  }

  askfirst.earlier = { adopt };
})();
