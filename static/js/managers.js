// Other consent managers: what the visitor decides there counts here, where the owner says so.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.managers) return;

  const { choice } = askfirst;
  const { open } = askfirst.control;
  const { manager: name, managerPurpose } = choice.script.dataset;
  const PURPOSE = "statistics";
  const EVERY = 250;
  const LOOKS = 240; // a minute, for managers that load late

  let heard; // the manager's last answer on this page
  let listening = false;

  const on = (names, act) => names.forEach((it) => addEventListener(it, act));

  // Each: `means`, what there stands for statistics; `there`, whether it has loaded; `listen`, to
  // its public event or callback; `answer`, true or false once the visitor has decided, else null.
  const managers = {
    "vanilla-cookieconsent": {
      means: "analytics",
      there: () => window.CookieConsent?.acceptedCategory,
      listen: (changed) => on(["cc:onConsent", "cc:onChange"], changed),
      answer: (means) =>
        window.CookieConsent.validConsent() ? window.CookieConsent.acceptedCategory(means) : null,
    },
    klaro: {
      means: "askfirst",
      there: () => window.klaro?.getManager,
      listen: (changed) =>
        window.klaro.getManager().watch({
          update: (_manager, what) => what === "saveConsents" && changed(),
        }),
      answer(means) {
        const manager = window.klaro.getManager();
        return manager.confirmed ? manager.getConsent(means) : null;
      },
    },
    orejime: {
      means: "askfirst",
      there: () => window.orejime?.manager?.on,
      listen: (changed) => window.orejime.manager.on("update", changed),
      answer(means) {
        const { manager } = window.orejime;
        return manager.isDirty?.() ? null : manager.getConsent(means);
      },
    },
    tarteaucitron: {
      means: "askfirst",
      there: () => window.tarteaucitron?.state,
      listen: (changed) => document.addEventListener("tac.consent_updated", changed),
      answer: (means) => decided(window.tarteaucitron.state[means]),
    },
    osano: {
      means: "ANALYTICS",
      there: () => window.Osano?.cm?.addEventListener,
      listen: (changed) =>
        window.Osano.cm.addEventListener("osano-cm-consent-saved", (saved) => changed({ saved })),
      answer: (means, { saved }) => (saved ? saved[means] === "ACCEPT" : null),
    },
    cookiebot: {
      means: "statistics",
      there: () => window.Cookiebot?.consent,
      listen: (changed) => on(["CookiebotOnAccept", "CookiebotOnDecline"], changed),
      answer: (means) => (window.Cookiebot.hasResponse ? window.Cookiebot.consent[means] : null),
    },
    onetrust: {
      means: "C0002",
      there: () => window.OneTrust?.OnConsentChanged,
      listen: (changed) => window.OneTrust.OnConsentChanged(changed),
      answer: (means) =>
        window.OneTrust.IsAlertBoxClosed()
          ? `${window.OnetrustActiveGroups}`.split(",").includes(means)
          : null,
    },
    didomi: {
      means: "measure_content_performance",
      there: () => window.Didomi?.getCurrentUserStatus,
      listen: (changed) =>
        (window.didomiEventListeners ??= []).push({ event: "consent.changed", listener: changed }),
      answer: (means) => decided(window.Didomi.getCurrentUserStatus().purposes[means]?.enabled),
    },
    usercentrics: {
      means: "statistics",
      there: () => window.__ucCmp?.getConsentDetails,
      listen: (changed) => on(["UC_UI_INITIALIZED", "UC_UI_CMP_EVENT", "UC_CONSENT"], changed),
      async answer(means) {
        const { consent, categories } = await window.__ucCmp.getConsentDetails();
        const explicit = consent?.type === "EXPLICIT" && categories?.[means];
        return explicit ? explicit.state === "ALL_ACCEPTED" : null;
      },
    },
    c15t: {
      means: "measurement",
      there: () => window.c15t?.getSnapshot,
      listen: (changed) => window.c15t.push(["subscribe", changed]),
      answer: (means) =>
        decided(window.c15t.getSnapshot()?.explicitChoice?.categories?.[means]?.value),
    },
    // IAB TCF: purpose 1, to store and read; purpose 8, to measure what content is used.
    tcf: {
      means: "1 8",
      there: () => window.__tcfapi,
      listen: (changed) =>
        window.__tcfapi("addEventListener", 2, (data, ok) => ok && changed({ data })),
      answer(means, { data }) {
        if (!/^(tcloaded|useractioncomplete)$/.test(data?.eventStatus)) return null;
        return means.split(" ").every((id) => data.purpose?.consents?.[id] === true);
      },
    },
  };

  const decided = (value) => (typeof value === "boolean" ? value : null);
  const adapter = Object.hasOwn(managers, name) ? managers[name] : null;

  async function look(event) {
    const answer = await adapter.answer(managerPurpose || adapter.means, event ?? {});
    if (answer === heard) return;
    const first = heard === undefined;
    heard = answer;
    if (answer === false) takeBack();
    if (answer === true) await give(first);
  }

  // A no there is a no here, whenever it was said.
  function takeBack() {
    if (choice.read().choice !== "refused") choice.withdraw("manager");
  }

  // A yes from an earlier page does not undo a no that was said here; a new one does.
  async function give(first) {
    const now = choice.read().choice;
    if (choice.token(PURPOSE) || (first && now === "refused")) return;
    await open("banner", async () => {
      const { worded, grant } = askfirst.granting;
      const words = await worded();
      const purposes = [...new Set([...choice.read().purposes, PURPOSE])];
      if (words.manager === name) await grant(purposes, "manager", words, { manager: name });
    });
  }

  function listen(looks = 0) {
    if (adapter.there()) {
      adapter.listen(look);
      look();
    } else if (looks < LOOKS) setTimeout(listen, EVERY, looks + 1);
  }

  // Whether the published policy, too, says that this manager asks.
  async function asksElsewhere() {
    return Boolean(adapter) && (await askfirst.granting.worded()).manager === name;
  }

  async function ask() {
    if (adapter && !listening) {
      listening = true;
      listen();
    }
    const now = choice.read().choice;
    const none = now === "none" && !navigator.globalPrivacyControl;
    if (!none && !choice.withdrawn()) return;
    await open("banner", async (banner) => {
      if (!none || !(await asksElsewhere())) await banner.ask();
    });
  }

  askfirst.managers = { ask };
})();
