// Adopts a yes of an earlier release, which kept one cookie for all sites of a domain. Loads where that cookie is.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.earlier) return;

  const { choice, send } = askfirst;
  const { site } = choice.script.dataset;

  // A token names its site by a number, and the server tells anybody the number of a site. The token is
  // not sent along: it may belong to another site.
  async function numberOfSite() {
    const answer = await send.request(`manifest/${site}.json`);
    return answer.ok ? (await answer.json()).site_number : undefined;
  }

  // Copies the token to this site's cookie until the browser is closed. The older cookie stays until the
  // next choice, as the server may have set it to last longer than a script's.
  async function adopt() {
    const before = choice.earlier();
    const number = await numberOfSite();
    const token = before.find((it) => number && choice.claims(it)?.s === number);
    if (token && choice.older()) end(token);
    else if (choice.earlier().includes(token)) choice.copy(token);
  }

  // The visitor made a new choice before this yes was found: a refusal also withdraws it.
  function end(token) {
    choice.wipe();
    if (choice.read().choice === "refused")
      choice.send({ choice: "withdraw", token, method: "api" }, 1).catch(() => {});
  }

  askfirst.earlier = { adopt };
})();
