// How a yes is given: the words it answers to, its proof at the server, and the keeping of it.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.granting) return;

  const { choice, control, send } = askfirst;
  const { open, dataset } = control;

  let fetched = {};
  let asking = false;

  // A no of this or of another tab is the newer choice, whatever is still under way.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    if (detail.choice === "refused") choice.turn += 1;
  });

  // The words of the first layer, or all of them, in the language that the page has now.
  function worded(layer = "", anew = false) {
    if (anew) fetched = {};
    const lang = control.language();
    return (fetched[layer + lang] ??= fetchWords(layer, lang).catch((error) => {
      delete fetched[layer + lang];
      throw error;
    }));
  }

  // The visitor's older yes, and the version that it was given to.
  function renewed() {
    const token = choice.older();
    const since = choice.claims(token)?.n;
    return since ? { token, since } : {};
  }

  // What makes the server take the next yes for the same visitor's, so that erasing reaches both: the
  // older yes, or the one that was just withdrawn, as long as the offer to erase is open in this tab.
  const known = () => renewed().token ?? (choice.withdrawn()?.split(" ")[0] || undefined);

  async function fetchWords(layer, lang) {
    const query = new URLSearchParams({ lang, layer, since: renewed().since || 0 });
    const answer = await send.request(`wording/${dataset.site}.json?${query}`);
    if (answer.status === 404) stop(console.error, "there is no site with the key in data-site.");
    if (answer.status === 403) stop(console.warn, `${location.host} is not one of the site's hosts.`);
    if (!answer.ok) throw answer;
    const words = await answer.json();
    const { language, direction, texts } = words;
    control.labels[lang] = { language, direction, control: texts.control, withdraw: texts.withdraw };
    return words;
  }

  // Where nothing can be recorded nothing is asked or shown; only a yes can always be withdrawn.
  function stop(tell, why) {
    tell(`Askfirst: ${why} Nothing is asked or recorded on this page.`);
    if (choice.token()) return;
    dataset.control = "off";
    control.dock();
  }

  // A yes counts once its proof is stored and its token kept; until then nothing is different. One
  // that another tab was given meanwhile is never overwritten.
  async function grant(purposes, method, { version, hash: notice, language }, more) {
    const mine = (choice.turn += 1);
    const before = choice.read().choice;
    const older = choice.token();
    const others = new Set();
    const look = () => {
      others.add(choice.token());
      if (before !== "refused" && choice.read().choice === "refused") choice.turn += 1;
    };
    const watch = setInterval(look, 50);
    const gpc = navigator.globalPrivacyControl === true;
    const yes = { choice: "accept", purposes, version, notice, language, method, gpc };
    const asked = { ...yes, ...more, token: known() };
    const { token, once } = await send.consent("consent", asked).finally(() => clearInterval(watch));
    look(); // timers of hidden tabs run late
    if (mine === choice.turn) {
      const put = () => choice.keep(token, once ? undefined : choice.claims(token).u);
      const isOther = (one) => one && one !== older && one !== token;
      if (!isOther(choice.token())) put();
      if (isOther(choice.token()) || choice.token() === token) {
        open("tabs", (tabs) => tabs.guard({ token, put, others: [...others].filter(isOther) }));
        return choice.announce();
      }
    }
    choice.tell({ choice: "withdraw", token, method }, 1).catch(() => {});
    if (choice.token() === token) choice.keepNo(180, choice.keep);
    throw new Error("not kept");
  }

  // Grants what is new, withdraws or refuses where nothing is left.
  async function choose(purposes, method, words, more) {
    if (!purposes.length) return choice.withdraw(method);
    if (purposes.join() === choice.read().purposes.join()) return choice.announce();
    await grant(purposes, method, words ?? (await worded()), more);
  }

  // Gives true when the choice was kept; a yes that fails says so, and the question stays.
  async function keep(words, purposes, method, alert, more) {
    if (asking) return false;
    asking = true;
    alert.textContent = "";
    try {
      await choose(purposes, method, words, more);
      return true;
    } catch {
      alert.textContent = words.texts.failed;
      return false;
    } finally {
      asking = false;
    }
  }

  // A yes by the site's own code needs a person's gesture a moment ago.
  async function set(wanted) {
    if (!navigator.userActivation?.isActive) return;
    await choose(Object.keys(wanted).filter((id) => wanted[id]), "api");
  }

  askfirst.granting = { worded, grant, choose, keep, set };
})();
