// What a refusal of the server means for the events it refused. Loads with the first one.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.choice || askfirst.refused) return;

  // Returns which events of a batch are done with. What the server does not understand goes alone: its
  // neighbours are sent again. Where it says that the yes is over, it is; one that was given since then stays.
  async function of(batch, answer, under) {
    const said = await answer.text().catch(() => {});
    const wrong = batch[/"events\[(\d+)/.exec(said)?.[1]];
    const over = /"(withdrawn|expired|outdated|bad_token|other_site)"/.exec(said);
    if (over && under === askfirst.views.granted()) askfirst.choice.reset(over[1] === "withdrawn");
    return wrong ? [wrong] : batch;
  }

  askfirst.refused = { of };
})();
