// How a yes is given: its texts are fetched, the server stores the proof, the token is kept. Loads with the
// banner.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.granting) return;

  const { choice, control, send } = askfirst;
  const { open, dataset } = control;

  let fetched = {};
  let asking = false;

  // A refusal, in this tab or another, is newer than any request that is still under way.
  document.addEventListener("askfirst:choice", ({ detail }) => {
    if (detail.choice === "refused") choice.turn += 1;
  });

  // Fetches the texts of the first layer, or of all, in the language that the page has now.
  function worded(layer = "", anew = false) {
    if (anew) fetched = {};
    const lang = control.language();
    return (fetched[layer + lang] ??= fetchWords(layer, lang).catch((error) => {
      delete fetched[layer + lang];
      throw error;
    }));
  }

  // Returns the visitor's older yes and the policy version that it was given to, if there is one.
  function renewed() {
    const token = choice.older();
    const since = choice.claims(token)?.n;
    return since ? { token, since } : {};
  }

  // Returns the token by which the server takes the next yes for the same visitor's, so that erasing
  // reaches both: the older yes, or the one just withdrawn while the offer to erase is open in this tab.
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

  // Where nothing can be recorded nothing is asked or shown; a yes can be withdrawn all the same.
  function stop(log, why) {
    log(`Askfirst: ${why} Nothing is asked or recorded on this page.`);
    if (choice.token()) return;
    dataset.control = "off";
    control.dock();
  }

  // A yes counts once its proof is stored and its token kept; until then nothing changes. A yes that
  // another tab was given meanwhile is never overwritten.
  async function grant(purposes, method, { version, hash: notice, language }, more) {
    const mine = (choice.turn += 1);
    const before = choice.read().choice;
    const older = choice.token();
    const others = new Set();
    const checkOtherTabs = () => {
      others.add(choice.token());
      if (before !== "refused" && choice.read().choice === "refused") choice.turn += 1;
    };
    const watch = setInterval(checkOtherTabs, 50);
    const gpc = navigator.globalPrivacyControl === true;
    const yes = { choice: "accept", purposes, version, notice, language, method, gpc };
    const asked = { ...yes, ...more, token: known() };
    const { token, once } = await send.consent("consent", asked).finally(() => clearInterval(watch));
    checkOtherTabs(); // timers of hidden tabs run late
    if (mine === choice.turn) {
      const put = () => choice.keep(token, once ? undefined : choice.claims(token).u);
      const isOther = (one) => one && one !== older && one !== token;
      if (!isOther(choice.token())) put();
      if (isOther(choice.token()) || choice.token() === token) {
        open("tabs", (tabs) => tabs.guard({ token, put, others: [...others].filter(isOther) }));
        return choice.announce();
      }
    }
    choice.send({ choice: "withdraw", token, method }, 1).catch(() => {});
    if (choice.token() === token) choice.keepNo(180, choice.keep);
    throw new Error("not kept");
  }

  // Grants new purposes; withdraws or refuses where none is left.
  async function choose(purposes, method, words, more) {
    if (!purposes.length) return choice.withdraw(method);
    if (purposes.join() === choice.read().purposes.join()) return choice.announce();
    await grant(purposes, method, words ?? (await worded()), more);
  }

  // Returns true when the choice was kept. A yes that fails shows an error, and the banner stays.
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

  // A yes by the site's own code counts only moments after a person's gesture.
  async function set(wanted) {
    if (!navigator.userActivation?.isActive) return;
    await choose(Object.keys(wanted).filter((id) => wanted[id]), "api");
  }

  askfirst.granting = { worded, grant, choose, keep, set };
})();
