// Other consent managers: their yes and no, through small fakes of their public APIs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { WORDING, assertSent, open, openGranted, quiet, tokenOf, worded } from "../world.mjs";

const fire = (window, name) => window.dispatchEvent(new window.Event(name));

// Each fakes what a page with that manager has, and how a visitor's decision shows there.
const FAKES = {
  "vanilla-cookieconsent"(window) {
    let accepted;
    window.CookieConsent = {
      validConsent: () => accepted !== undefined,
      acceptedCategory: (category) => category === "analytics" && accepted,
    };
    return (yes) => fire(window, ((accepted = yes), "cc:onChange"));
  },
  klaro(window) {
    const manager = { confirmed: false, watch: (it) => (manager.watcher = it) };
    manager.getConsent = (service) => service === "askfirst" && manager.yes;
    let asked = 0;
    const getManager = () => {
      if ((asked += 1) < 4) throw new Error("no configuration yet");
      return manager;
    };
    window.klaro = { getManager };
    return (yes) => {
      Object.assign(manager, { confirmed: true, yes });
      manager.watcher.update(manager, "saveConsents", {});
    };
  },
  orejime(window) {
    const [acts, consents] = [{}, { askfirst: false }];
    let dirty = true;
    const emit = (name, ...given) => acts[name]?.forEach((act) => act(...given));
    const manager = {
      isDirty: () => dirty,
      on: (name, act) => (acts[name] ??= []).push(act),
      getConsent: (purpose) => consents[purpose],
    };
    window.orejime = { manager };
    return (yes) => {
      consents.askfirst = yes;
      emit("update", { askfirst: yes }, consents);
      dirty = false;
      emit("dirty", dirty);
    };
  },
  tarteaucitron(window) {
    const { document } = window;
    window.tarteaucitron = { state: { askfirst: true } }; // the owner's default
    const updated = () => document.dispatchEvent(new window.Event("tac.consent_updated"));
    setImmediate(updated); // as for every service that is added
    return (yes) => {
      if (yes) window.tarteaucitron.state.askfirst = undefined;
      if (yes) document.dispatchEvent(new window.Event("askfirst_added"));
      window.tarteaucitron.state.askfirst = yes;
      updated();
    };
  },
  osano(window) {
    const cm = { addEventListener: (name, act) => (cm[name] = act) };
    window.Osano = { cm };
    return (yes) => cm["osano-cm-consent-saved"]({ ANALYTICS: yes ? "ACCEPT" : "DENY" });
  },
  cookiebot(window) {
    const consent = { statistics: true, method: "implied" };
    window.Cookiebot = { hasResponse: true, consent };
    setImmediate(() => fire(window, "CookiebotOnAccept"));
    return (yes) => {
      Object.assign(consent, { statistics: yes, method: "explicit" });
      fire(window, yes ? "CookiebotOnAccept" : "CookiebotOnDecline");
    };
  },
  onetrust(window) {
    let closed = false;
    window.OnetrustActiveGroups = ",C0001,";
    window.OneTrust = {
      IsAlertBoxClosed: () => closed,
      GetDomainData: () => ({ ConsentModel: { Name: "opt-in" } }),
      OnConsentChanged: (act) => (window.OneTrust.act = act),
    };
    return (yes) => {
      closed = true;
      window.OnetrustActiveGroups = yes ? ",C0001,C0002," : ",C0001,";
      window.OneTrust.act();
    };
  },
  didomi(window) {
    const consent = { enabled: [], disabled: [] };
    setImmediate(() => {
      window.Didomi = { getUserStatus: () => ({ purposes: { consent } }) };
      window.didomiOnReady.forEach((act) => act(window.Didomi));
    });
    return (yes) => {
      Object.assign(consent, { enabled: [], disabled: [] });
      consent[yes ? "enabled" : "disabled"].push("measure_content_performance");
      for (const { event, listener } of window.didomiEventListeners)
        if (event === "consent.changed") listener();
    };
  },
  usercentrics(window) {
    let details = { consent: { type: "IMPLICIT" }, categories: { statistics: { state: "ALL_ACCEPTED" } } };
    window.__ucCmp = { getConsentDetails: () => Promise.resolve(details) };
    return (yes) => {
      const state = yes ? "ALL_ACCEPTED" : "ALL_DENIED";
      details = { consent: { type: "EXPLICIT" }, categories: { statistics: { state } } };
      fire(window, "UC_UI_CMP_EVENT");
    };
  },
  c15t(window) {
    let snapshot = { explicitChoice: null };
    let heard;
    window.c15t = { getSnapshot: () => snapshot, push: ([, act]) => (heard = act) };
    return (value) => {
      snapshot = { explicitChoice: { categories: { measurement: { value } } } };
      heard(snapshot);
    };
  },
  tcf(window) {
    let heard;
    window.__tcfapi = (_command, _version, act) => {
      heard = act;
      act({ eventStatus: "cmpuishown", purpose: { consents: { 1: true, 8: true } } }, true);
      const everywhere = { 1: true, 8: true };
      act({ eventStatus: "tcloaded", gdprApplies: false, purpose: { consents: everywhere } }, true);
    };
    return (yes) =>
      heard({ eventStatus: "useractioncomplete", purpose: { consents: { 1: true, 8: yes } } }, true);
  },
};

async function openManaged(name, given = {}) {
  let decide;
  const prepare = (window) => (decide = FAKES[name](window));
  const attributes = `data-site="k1" data-manager="${name}"`;
  const answers = worded({ manager: given.named ?? name });
  const opened = given.cookie ? openGranted : open;
  const page = await opened({ attributes, answers, prepare, ...given });
  await page.clock.advance(2000); // for managers that load late
  const answer = async (yes) => {
    decide(yes);
    await quiet();
  };
  return { page, decide: answer };
}

for (const name of Object.keys(FAKES)) {
  test(`${name}: not decided is nothing, its yes is a yes by the same endpoint, its no takes it back`, async () => {
    const { page, decide } = await openManaged(name);
    assert.equal(page.find("#askfirst-banner"), null);
    assert.deepEqual(page.posts, []);
    assert.equal(page.cookie, "");
    await decide(true);
    assert.equal(page.posts[0].body.method, "manager");
    assert.equal(page.posts[0].body.manager, name);
    assert.deepEqual(page.posts[0].body.purposes, ["statistics"]);
    assert.equal(page.choice, "granted");
    await decide(false);

    assert.equal(page.choice, "refused");
    assert.equal(page.posts.findLast(({ path }) => path === "consent").body.choice, "withdraw");
  });
}

test("a manager that only the page names, and not the policy, counts for nothing", async () => {
  const { page, decide } = await openManaged("cookiebot", { named: "" });
  assert.ok(page.find("#askfirst-banner"));
  await decide(true);

  assert.deepEqual(page.posts, []);
  await assertSent(page, { expected: [] });
});

test("a name that no manager has leaves our own banner in place", async () => {
  const page = await open({ attributes: `data-site="k1" data-manager="constructor"` });

  assert.ok(page.find("#askfirst-banner"));
});

test("a no of the manager before any yes is a refusal like every other", async () => {
  const { page, decide } = await openManaged("cookiebot");
  await decide(false);

  assert.equal(page.cookie, "askfirst_k1=no");
  assert.deepEqual(page.posts.map(({ body }) => body), [{ site: "k1", choice: "refuse" }]);
});

test("a yes from an earlier page does not undo a no that was said here, a new one does", async () => {
  const prepare = (window) => {
    window.Cookiebot = { hasResponse: true, consent: { statistics: true, method: "explicit" } };
  };
  const attributes = `data-site="k1" data-manager="cookiebot"`;
  const page = await open({ attributes, cookie: "no", prepare, answers: worded({ manager: "cookiebot" }) });
  assert.deepEqual(page.posts, []);
  const { Cookiebot } = page.window;
  for (const yes of [false, true]) {
    Cookiebot.consent.statistics = yes;
    fire(page.window, "CookiebotOnAccept");
    await quiet();
  }

  assert.equal(page.choice, "granted");
});

// Open a page whose manager is late: undecided at first, then with the decision it remembers.
async function openSlow(given) {
  const consent = { statistics: false, method: null };
  const prepare = (window) => (window.Cookiebot = { hasResponse: false, consent });
  const attributes = `data-site="k1" data-manager="cookiebot"`;
  const page = await open({ attributes, prepare, answers: worded({ manager: "cookiebot" }), ...given });
  const say = async (statistics) => {
    page.window.Cookiebot.hasResponse = true;
    Object.assign(consent, { statistics, method: "explicit" });
    fire(page.window, statistics ? "CookiebotOnAccept" : "CookiebotOnDecline");
    await quiet();
  };
  return { page, say };
}

const EXPIRED = tokenOf({ u: Date.now() - 1000 });

for (const given of [{ cookie: "no" }, { gpc: true }, { cookie: EXPIRED }]) {
  const title = JSON.stringify(given).slice(0, 24);

  test(`what a slow manager remembers is no new yes: ${title}`, async () => {
    const { page, say } = await openSlow(given);
    await say(true);
    assert.deepEqual(page.posts, []);
    assert.notEqual(page.choice, "granted");
    await say(false);
    await say(true);

    assert.equal(page.choice, "granted");
  });

  test(`a person's gesture makes a slow manager's yes a new one: ${title}`, async () => {
    const { page, say } = await openSlow({ ...given, active: true });
    await say(true);

    assert.equal(page.choice, "granted");
  });
}

test("a slow manager's yes counts where nothing was said before", async () => {
  const { page, say } = await openSlow();
  await say(true);

  assert.equal(page.choice, "granted");
});

test("the gesture of our own withdrawal makes no remembered yes a new one", async () => {
  const token = tokenOf({ u: Date.now() + 1e9 });
  const { page, say } = await openSlow({ cookie: token, active: true });
  await page.click("withdraw");
  await say(true);

  assert.equal(page.choice, "refused");
});

test("OneTrust: where groups are active by themselves only turning one on is a yes", async () => {
  const prepare = (window) => {
    window.OnetrustActiveGroups = ",C0001,C0002,";
    window.OneTrust = {
      IsAlertBoxClosed: () => true,
      GetDomainData: () => ({ ConsentModel: { Name: "opt-out" } }),
      OnConsentChanged: (act) => (window.OneTrust.act = act),
    };
  };
  const attributes = `data-site="k1" data-manager="onetrust"`;
  const page = await open({ attributes, prepare, answers: worded({ manager: "onetrust" }) });
  page.window.OneTrust.act();
  await quiet();
  assert.deepEqual(page.posts, []);
  for (const groups of [",C0001,", ",C0001,C0002,"]) {
    page.window.OnetrustActiveGroups = groups;
    page.window.OneTrust.act();
    await quiet();
  }

  assert.equal(page.choice, "granted");
});

test("the dialog says that another program asks", async () => {
  const { page } = await openManaged("cookiebot");
  await page.click("control");

  assert.ok(page.button("state").textContent.includes(WORDING.preferences.elsewhere));
});
