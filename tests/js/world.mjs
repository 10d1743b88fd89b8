// The test world: a page in jsdom with the real scripts, a fake network and a stopped clock.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { CookieJar, JSDOM, ResourceLoader, VirtualConsole } from "jsdom";
import wrappers from "jsdom/lib/jsdom/living/generated/utils.js";

const FOLDER = new URL("../../static/js/", import.meta.url);
const WIRE = new URL("../wire/", import.meta.url);
const SERVED = {
  "tag.js": ["tag/choice", "tag/control", "tag/send", "tag/views"],
  "granted.js": ["granted/page", "granted/events", "granted/vitals", "granted/tracker"],
  "custom.js": ["granted/custom"],
  ...Object.fromEntries(["refused", "unseen", "past"].map((name) => [`${name}.js`, [`granted/${name}`]])),
  "banner.js": ["asking/granting", "asking/banner", "asking/order"],
  "preferences.js": ["asking/preferences", "granted/page"],
  "gates.js": ["granted/gates"],
  "managers.js": ["asking/managers"],
  "tabs.js": ["asking/tabs"],
  "earlier.js": ["on_demand/earlier"],
  "labels.js": ["on_demand/labels"],
};

export const DAY = 86_400_000;
export const PAGE = "https://www.example.org/start?from=mail#top";
export const TAG = "https://www.example.org/askfirst/tag.js";

const source = (name) => readFileSync(new URL(`${name}.js`, FOLDER), "utf8");
const folder = process.env.BUNDLES; // of the scripts as the server serves them, instead of their sources
const joined = (parts) => parts.map(source).join("\n");
const ENTRIES = Object.entries(SERVED).map(([name, parts]) => [name, folder ? readFileSync(`${folder}/${name}`) : joined(parts)]);
const SCRIPTS = Object.fromEntries(ENTRIES);
export const SOURCES = { skip: folder && "reaches into sources" }; // whose names are letters as served
export const wire = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, WIRE), "utf8"));

const BANNER_TEXTS =
  "title intro accept refuse accept_once preferences policy control" +
  " controller retention recipients purpose withdraw thanks refused failed changed_title";
const DIALOG_TEXTS =
  "save close select_all select_none erase keep withdrawn erase_now erased receipt receipt_text" +
  " receipt_link data_link state_granted state_refused state_withdrawn state_none gpc elsewhere" +
  " fields_title rights example example_text waiting waiting_button";
const textsOf = (keys) => Object.fromEntries(keys.split(" ").map((key) => [key, `text ${key}`]));

const FIELD = { column: "path", name: "Page", text: "The address of the page." };

export const STATISTICS = {
  id: "statistics",
  title: "Visit statistics",
  text: "To learn what is read.",
  fields: [FIELD],
};

export const VIDEOS = { id: "videos", title: "Videos", text: "To show videos.", fields: [] };

/** The server's whole wording; the banner's first layer gets only a part of it. */
export const WORDING = {
  site: "k1",
  version: 3,
  hash: "ab".repeat(32),
  language: "en",
  direction: "ltr",
  controller: { name: "Elm Library", address: "Elm Row 1", contact: "privacy@elm.example" },
  purposes: [STATISTICS],
  retention: "25 months",
  recipients: "nobody",
  rights: ["Withdraw at any time."],
  only_this_visit: false,
  manager: "",
  theme: {},
  policy_url: "/policy/k1",
  texts: textsOf(BANNER_TEXTS),
  preferences: textsOf(DIALOG_TEXTS),
  changes: [],
};

/** Return the wording with these changes, as an entry for `answers`. */
export const worded = (changes) => ({
  "GET wording/k1.json": () => ({ json: { ...WORDING, ...changes } }),
});

/** Build a token as the server does; its signature is fake, which only the server could tell. */
export function tokenOf(claims) {
  const said = { s: 1, v: "visitor", c: "consent", n: 3, p: ["statistics"], g: 0, ...claims };
  return `${Buffer.from(JSON.stringify(said)).toString("base64url")}.signature`;
}

/** A clock and timers that move only when told. */
class StoppedClock {
  constructor(now) {
    this.now = now;
    this.timers = new Map();
    this.last = 0;
  }

  setTimeout(act, wait = 0) {
    this.last += 1;
    this.timers.set(this.last, { act, at: this.now + wait });
    return this.last;
  }

  async advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= end);
      if (!due.length) break;
      const [id, { act, at }] = due.sort(([, a], [, b]) => a.at - b.at)[0];
      this.timers.delete(id);
      this.now = Math.max(this.now, at);
      act();
      await quiet();
    }
    this.now = end;
    await quiet();
  }

  install(window) {
    const clock = this;
    window.setTimeout = (act, wait, ...given) => clock.setTimeout(() => act(...given), wait);
    window.clearTimeout = (id) => clock.timers.delete(id);
    window.Date = class extends Date {
      constructor(...given) {
        super(...(given.length ? given : [clock.now]));
      }

      static now() {
        return clock.now;
      }
    };
  }
}

/** Wait until everything that is ready to run has run. */
export async function quiet() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise(setImmediate);
}

class Files extends ResourceLoader {
  constructor(page) {
    super();
    this.page = page;
  }

  async fetch(url) {
    const name = new URL(url).pathname.split("/").pop();
    this.page.loaded.push(name);
    await this.page.options.late?.[name];
    if (this.page.missing.includes(name)) throw new Error("not there");
    return Buffer.from(SCRIPTS[name]);
  }
}

function answerOf({ status = 200, json = {}, headers = {} }) {
  const small = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ok: status < 300,
    status,
    headers: { get: (name) => small.get(name.toLowerCase()) ?? null },
    json: () => Promise.resolve(json),
    text: () => Promise.resolve(JSON.stringify(json)),
  };
}

/** One page in one tab. `page.requests` holds everything that the scripts sent. */
export class Page {
  constructor(options) {
    this.jar = options.jar ?? new CookieJar(undefined, { looseMode: true });
    this.clock = new StoppedClock(options.now ?? Date.now());
    this.requests = [];
    this.loaded = [];
    this.cookieWrites = [];
    this.choices = [];
    this.errors = [];
    this.said = []; // on the console
    this.missing = options.missing ?? [];
    this.focused = Boolean(options.height); // where nobody reads, no engagement is among the events
    this.options = options;
    const until = { u: this.clock.now + 180 * DAY, ...(options.gpc && { x: true }) };
    this.token = options.token ?? tokenOf(until);
    this.answers = {
      "POST consent": ({ choice }) => ({ json: this.choiceAnswer(choice) }),
      "POST consent/erase": () => ({ json: { choice: "erased", receipt: { receipt_id: "R-1" } } }),
      "POST event": () => ({ status: 202, json: { recorded: 1 } }),
      "GET wording/k1.json": () => ({ json: WORDING }),
      ...options.answers,
    };
  }

  choiceAnswer(choice) {
    if (choice === "accept") return { choice: "granted", token: this.token, days: 180 };
    return { choice: choice === "refuse" ? "refused" : "withdrawn", days: 180 };
  }

  async fetch(url, request = {}) {
    const { method = "GET" } = request;
    const { pathname, search } = new URL(url);
    const path = pathname.replace(/^\/(askfirst\/)?/, "");
    const body = request.body && JSON.parse(request.body);
    this.requests.push({ method, path, search, url, body, request });
    const said = await this.answers[`${method} ${path}`](body, this.requests.length);
    if (said instanceof Error) throw said;
    return answerOf(said);
  }

  get events() {
    return this.requests.filter(({ path }) => path === "event").flatMap(({ body }) => body.events);
  }

  /** Return the text of every style sheet that the scripts made. */
  get css() {
    return this.window.document.adoptedStyleSheets.map(({ css }) => css).join("");
  }

  get posts() {
    return this.requests.filter(({ method }) => method === "POST");
  }

  get cookie() {
    return this.window.document.cookie;
  }

  get choice() {
    return this.window.askfirst.consent.get().choice;
  }

  /** Return this tab's session storage as pairs; the option `session` of `open` fills it. */
  get session() {
    return { ...this.window.sessionStorage };
  }

  find(selector) {
    return this.window.document.querySelector(selector);
  }

  button(name) {
    return this.find(`[data-askfirst=${name}]`);
  }

  /** Click as a person does: the event is trusted, which no script of a page can achieve. */
  async click(target, given = {}, type = "click") {
    const element = typeof target === "string" ? this.button(target) : target;
    assert.ok(element, `there is nothing to click: ${target}`);
    const { MouseEvent } = this.window;
    const event = new MouseEvent(type, {
      bubbles: true,
      cancelable: true,
      composed: true,
      ...given,
    });
    const inner = wrappers.implForWrapper(event);
    inner.isTrusted = true;
    wrappers.implForWrapper(element)._dispatch(inner);
    await quiet();
  }

  async press(key) {
    const dialog = this.find("dialog[open]");
    const event = new this.window.KeyboardEvent("keydown", { key, bubbles: true });
    (this.window.document.activeElement ?? this.window.document.body).dispatchEvent(event);
    if (key === "Escape" && dialog) dialog.close();
    await quiet();
  }

  /** Make the tab visible again, as when the visitor comes back to it. */
  async lookAgain() {
    this.window.document.dispatchEvent(new this.window.Event("visibilitychange", { bubbles: true }));
    await quiet();
  }

  /** Hide the tab, as when the visitor looks at another, or show it again. */
  async hide(value = true) {
    Object.defineProperty(this.window.document, "hidden", { value, configurable: true });
    await this.lookAgain();
  }

  show = () => this.hide(false);

  /** Leave the page (HTML, 7.4.2.4: `pagehide`, then it is hidden). */
  async leave(persisted = false) {
    this.window.dispatchEvent(new this.window.PageTransitionEvent("pagehide", { persisted }));
    await this.hide();
  }

  close() {
    this.window.close();
  }
}

function watchCookies(page, window) {
  const { get, set } = Object.getOwnPropertyDescriptor(window.Document.prototype, "cookie");
  Object.defineProperty(window.Document.prototype, "cookie", {
    get: page.options.noCookies ? () => "" : get,
    set(value) {
      page.cookieWrites.push(value);
      set.call(this, value);
    },
  });
}

// jsdom has no modal dialogs, no constructed style sheets, no entries of performance and no screen.
function fillGaps(page, window) {
  const dialog = window.HTMLDialogElement.prototype;
  dialog.showModal = function () {
    this.setAttribute("open", "");
  };
  dialog.close = function () {
    this.removeAttribute("open");
    this.dispatchEvent(new window.Event("close"));
  };
  window.CSSStyleSheet = class {
    replaceSync(css) {
      this.css = css;
    }
  };
  window.document.adoptedStyleSheets = [];
  window.performance.getEntriesByType = () => [];
  window.document.hasFocus = () => page.focused;
  window.innerHeight = page.options.seen ?? 0;
  Object.defineProperty(window.document.documentElement ?? window.Element.prototype, "scrollHeight", {
    get: () => page.options.height ?? 0,
  });
  window.PerformanceObserver = Object.assign(class {}, { supportedEntryTypes: [] });
  Object.assign(window.PerformanceObserver.prototype, { takeRecords: () => [], disconnect: () => {} });
  window.ResizeObserver = class {
    observe() {}
  };
}

function prepare(page, window) {
  page.window = window;
  for (const key in page.options.session) window.sessionStorage[key] = page.options.session[key];
  page.clock.install(window);
  fillGaps(page, window);
  watchCookies(page, window);
  window.fetch = (url, request) => page.fetch(url, request);
  window.navigator.userActivation = { isActive: Boolean(page.options.active) };
  page.options.prepare?.(window);
  if (page.options.gpc) window.navigator.globalPrivacyControl = true;
  if (page.options.prerendering) window.document.prerendering = true;
  window.document.addEventListener("askfirst:choice", ({ detail }) =>
    page.choices.push(JSON.parse(JSON.stringify(detail))),
  );
}

const BODY = `<main><h1>Start</h1><a id="in" href="/next">Next</a></main>`;

function html({ tag = TAG, attributes = `data-site="k1"`, body = BODY, inHead = true, title = "Start" }) {
  const script = `<script src="${tag}" ${attributes}></script>`;
  return inHead
    ? `<!doctype html><html lang="en"><head><title>${title}</title>${script}</head><body>${body}</body></html>`
    : `<!doctype html><html lang="en"><head><title>${title}</title></head><body>${body}${script}</body></html>`;
}

/**
 * Open a page with the tag. Options: url, title, jar, token, cookie, cookies (others), answers, gpc,
 * referrer, attributes, body, session, missing (script names), late (promises that scripts wait for, by name),
 * now, noCookies, prerendering, active (a person has just touched the page), prepare (a function of the window,
 * before any script).
 */
export async function open(options = {}) {
  const page = new Page(options);
  const url = options.url ?? PAGE;
  if (options.cookie) page.jar.setCookieSync(`askfirst_k1=${options.cookie}; Path=/`, url);
  for (const cookie of options.cookies ?? []) page.jar.setCookieSync(`${cookie}; Path=/`, url);
  const virtualConsole = new VirtualConsole();
  virtualConsole.on("jsdomError", (error) => page.errors.push(error.message));
  for (const level of ["error", "warn"]) virtualConsole.on(level, (text) => page.said.push(`${level}: ${text}`));
  new JSDOM(html(options), {
    url,
    referrer: options.referrer,
    cookieJar: page.jar,
    runScripts: "dangerously",
    pretendToBeVisual: true,
    resources: new Files(page),
    virtualConsole,
    beforeParse: (window) => prepare(page, window),
  });
  await quiet();
  return page;
}

/** Open a page whose visitor has said yes before. */
export async function openGranted(options = {}) {
  const now = options.now ?? Date.now();
  const token = options.token ?? tokenOf({ u: now + 180 * DAY });
  return open({ ...options, now, token, cookie: token });
}

const fits = (given, wanted) => Object.entries(wanted).every(([name, value]) => given[name] === value);

/** Check the events that the page has sent after a moment: exactly those expected, in order, and none refuted. */
export async function assertSent(page, { expected, refuted = [] }) {
  await page.clock.advance(500);
  const shown = JSON.stringify(page.events, null, 1);

  assert.equal(page.events.length, expected.length, shown);
  expected.forEach((wanted, index) => assert.ok(fits(page.events[index], wanted), shown));
  for (const wanted of refuted) assert.ok(!page.events.some((it) => fits(it, wanted)), shown);
}
