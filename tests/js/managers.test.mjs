// Other consent managers: their yes and no, taken from small stand-ins of their public ways.

import assert from "node:assert/strict";
import { test } from "node:test";

import { WORDING, assertSent, open, openGranted, quiet, worded } from "./world.mjs";

const fire = (window, name) => window.dispatchEvent(new window.Event(name));

// Each gives what a page of that manager has, and how a visitor's decision shows there.
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
    window.klaro = { getManager: () => manager };
    return (yes) => {
      Object.assign(manager, { confirmed: true, yes });
      manager.watcher.update(manager, "saveConsents", {});
    };
  },
  orejime(window) {
    const manager = { isDirty: () => manager.yes === undefined };
    manager.on = (name, act) => (manager[name] = act);
    manager.getConsent = (purpose) => purpose === "askfirst" && manager.yes;
    window.orejime = { manager };
    return (yes) => manager.update((manager.yes = yes));
  },
  tarteaucitron(window) {
    const { document } = window;
    window.tarteaucitron = { state: { askfirst: "wait" } };
    return (yes) => {
      window.tarteaucitron.state.askfirst = yes;
      document.dispatchEvent(new window.Event("tac.consent_updated"));
    };
  },
  osano(window) {
    const cm = { addEventListener: (name, act) => (cm[name] = act) };
    window.Osano = { cm };
    return (yes) => cm["osano-cm-consent-saved"]({ ANALYTICS: yes ? "ACCEPT" : "DENY" });
  },
  cookiebot(window) {
    window.Cookiebot = { hasResponse: false, consent: { statistics: false } };
    return (yes) => {
      Object.assign(window.Cookiebot, { hasResponse: true, consent: { statistics: yes } });
      fire(window, yes ? "CookiebotOnAccept" : "CookiebotOnDecline");
    };
  },
  onetrust(window) {
    let closed = false;
    window.OnetrustActiveGroups = ",C0001,C0002,";
    window.OneTrust = {
      IsAlertBoxClosed: () => closed,
      OnConsentChanged: (act) => (window.OneTrust.act = act),
    };
    return (yes) => {
      closed = true;
      window.OnetrustActiveGroups = yes ? ",C0001,C0002," : ",C0001,";
      window.OneTrust.act();
    };
  },
  didomi(window) {
    const purposes = {};
    window.Didomi = { getCurrentUserStatus: () => ({ purposes }) };
    return (enabled) => {
      purposes.measure_content_performance = { enabled };
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
  return { page, decide: async (yes) => (decide(yes), await quiet()) };
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
  assertSent(page, { expected: [] });
});

test("a name that no manager has leaves our own question in place", async () => {
  const page = await open({ attributes: `data-site="k1" data-manager="constructor"` });

  assert.ok(page.find("#askfirst-banner"));
});

test("a no of the manager before any yes is a refusal like every other", async () => {
  const { page, decide } = await openManaged("cookiebot");
  await decide(false);

  assert.equal(page.cookie, "askfirst=no");
  assert.deepEqual(page.posts.map(({ body }) => body), [{ site: "k1", choice: "refuse" }]);
});

test("a yes from an earlier page does not undo a no that was said here, a new one does", async () => {
  const prepare = (window) => {
    window.Cookiebot = { hasResponse: true, consent: { statistics: true } };
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

test("the dialog says that another program asks", async () => {
  const { page } = await openManaged("cookiebot");
  await page.click("control");

  assert.ok(page.button("state").textContent.includes(WORDING.preferences.elsewhere));
});
