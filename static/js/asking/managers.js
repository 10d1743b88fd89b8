// Other consent managers: what the visitor decides there counts here. Loads where the tag names a manager.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.managers) return;

  const { choice } = askfirst;
  const { open } = askfirst.control;
  const { manager: name, managerPurpose } = choice.script.dataset;
  const PURPOSE = "statistics";
  const EVERY = 250;
  const LOOKS = 240; // for a minute, as managers may load late
  const TOUCH = 5000; // milliseconds; the longest that a browser calls a gesture active

  let heard; // the manager's last answer on this page
  let saidNo = false; // whether the manager last said no
  let refusedAt = -Infinity; // when the visitor last refused here, on this page
  let begun = false;

  const on = (names, act) => names.forEach((it) => addEventListener(it, act));

  document.addEventListener("askfirst:choice", ({ detail }) => {
    if (detail.choice === "refused") refusedAt = Date.now();
  });

  // Each manager has: `means`, its name for statistics; `there`, whether it has loaded; `listen`, which
  // subscribes to its public event or callback and is tried again where it throws; `answer`, true or
  // false once the visitor has decided, else null.
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
      // `update` comes before the manager knows that all is decided, so `dirty` is listened to as well.
      listen: (changed) =>
        ["update", "dirty", "clear"].forEach((it) => window.orejime.manager.on(it, () => changed())),
      answer(means) {
        const { manager } = window.orejime;
        return manager.isDirty() === false ? decided(manager.getConsent(means)) : null;
      },
    },
    tarteaucitron: {
      means: "askfirst",
      there: () => window.tarteaucitron?.state,
      // The owner's default may set a service to yes or no before anybody has decided.
      listen(changed, means) {
        let before;
        const state = () => window.tarteaucitron.state[means];
        const remember = () => {
          before = state();
        };
        remember();
        document.addEventListener(`${means}_added`, remember);
        document.addEventListener("tac.consent_updated", () => {
          if (before === state()) return;
          remember();
          changed({ chosen: before });
        });
      },
      answer: (_means, { chosen }) => decided(chosen),
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
      answer(means) {
        const { hasResponse, consent } = window.Cookiebot;
        return hasResponse && consent.method === "explicit" ? decided(consent[means]) : null;
      },
    },
    onetrust: {
      means: "C0002",
      there: () => window.OneTrust?.OnConsentChanged && window.OnetrustActiveGroups,
      // Unless the consent model is opt-in, a group is active from the start: only turning it on is a yes.
      listen(changed, means) {
        let before = activeGroup(means);
        window.OneTrust.OnConsentChanged(() => {
          const turnedOn = !before && activeGroup(means);
          before = activeGroup(means);
          changed({ turnedOn });
        });
      },
      answer(means, { turnedOn }) {
        if (!window.OneTrust.IsAlertBoxClosed()) return null;
        if (!activeGroup(means)) return false;
        const optIn = window.OneTrust.GetDomainData?.().ConsentModel?.Name === "opt-in";
        return optIn || turnedOn || null;
      },
    },
    didomi: {
      means: "measure_content_performance",
      there: () => true, // its queue takes listeners before it has loaded
      listen(changed) {
        const listener = () => changed({ status: window.Didomi.getUserStatus() });
        (window.didomiOnReady ??= []).push(() => {
          (window.didomiEventListeners ??= []).push({ event: "consent.changed", listener });
          listener();
        });
      },
      answer(means, { status }) {
        const { enabled, disabled } = status?.purposes?.consent ?? {};
        return enabled?.includes(means) || (disabled?.includes(means) ? false : null);
      },
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
        if (data?.gdprApplies === false) return null;
        if (!/^(tcloaded|useractioncomplete)$/.test(data?.eventStatus)) return null;
        return means.split(" ").every((id) => data.purpose?.consents?.[id] === true);
      },
    },
  };

  const activeGroup = (id) => `${window.OnetrustActiveGroups}`.split(",").includes(id);
  const decided = (value) => (typeof value === "boolean" ? value : null);
  const adapter = Object.hasOwn(managers, name) ? managers[name] : null;
  const means = managerPurpose || adapter?.means;

  async function update(event) {
    const answer = await currentAnswer(event);
    if (answer === heard) return;
    heard = answer;
    const anew = isNew();
    if (answer !== null) saidNo = !answer;
    if (answer === false) takeBack();
    if (answer === true) await grantHere(anew);
  }

  async function currentAnswer(event) {
    try {
      return await adapter.answer(means, event ?? {});
    } catch {
      return null; // half loaded
    }
  }

  // A no there is a refusal here, whenever it was said.
  function takeBack() {
    if (choice.read().choice !== "refused") choice.withdraw("manager");
  }

  // Whether the yes must be a new one: what a manager remembers undoes neither a refusal here, nor
  // Global Privacy Control, nor the end of an older yes.
  const needsNew = () =>
    choice.read().choice === "refused" ||
    navigator.globalPrivacyControl ||
    choice.claims(choice.older());

  // A yes is new after a no on this page, or moments after a gesture that was not a refusal here.
  const isNew = () =>
    saidNo || (navigator.userActivation?.isActive && Date.now() - refusedAt > TOUCH);

  async function grantHere(anew) {
    if (choice.token(PURPOSE) || (needsNew() && !anew)) return;
    const { turn } = choice;
    await open("banner", async () => {
      const { worded, grant } = askfirst.granting;
      const words = await worded();
      const purposes = [...new Set([...choice.read().purposes, PURPOSE])];
      if (turn !== choice.turn || words.manager !== name) return; // the visitor chose meanwhile
      await grant(purposes, "manager", words, { manager: name });
    });
  }

  function listening() {
    if (!adapter.there()) return false;
    try {
      update();
      adapter.listen(update, means);
      return true;
    } catch {
      return false; // half loaded
    }
  }

  function listen(looks = 0) {
    if (!listening() && looks < LOOKS) setTimeout(listen, EVERY, looks + 1);
  }

  // Whether the published policy also says that this manager asks.
  async function asksElsewhere() {
    return Boolean(adapter) && (await askfirst.granting.worded()).manager === name;
  }

  async function ask() {
    if (adapter && !begun) {
      begun = true;
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
