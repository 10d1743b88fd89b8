// Which power each folder of scripts has in the browser. A folder that is not named here has none.

const names = (text) => text.split(" ");
const readonly = (text) => Object.fromEntries(names(text).map((name) => [name, "readonly"]));

// What every script may use. A folder that needs more names it below.
const BROWSER = readonly("window document navigator location URL setTimeout clearTimeout addEventListener");
const NODE = readonly("Buffer URL setImmediate process");

const POWERS = {
  storage: {
    names: names("cookie cookieStore localStorage sessionStorage indexedDB caches"),
    owner: "static/js/tag/choice.js, and localStorage for granted/events.js",
  },
  network: {
    names: names("fetch sendBeacon XMLHttpRequest WebSocket EventSource Image"),
    owner: "static/js/tag/send.js, sendBeacon for granted/events.js, and the pages of staff",
  },
  markup: {
    names: names("innerHTML outerHTML insertAdjacentHTML write writeln"),
    owner: "nobody",
  },
};

/** Build the rules that forbid every power but the granted ones, which may be single names of one. */
function without(...granted) {
  const forbidden = Object.entries(POWERS)
    .filter(([power]) => !granted.includes(power))
    .flatMap(([, { names: all, owner }]) => all.map((name) => ({ name, message: `For ${owner} only.` })))
    .filter(({ name }) => !granted.includes(name));
  return {
    "no-restricted-globals": ["error", ...forbidden],
    "no-restricted-properties": [
      "error",
      ...forbidden.map(({ name, message }) => ({ property: name, message })),
    ],
  };
}

const STRICT = {
  "array-callback-return": "error",
  complexity: ["error", 8],
  eqeqeq: "error",
  "func-names": "off",
  "max-lines": ["error", 400],
  "max-nested-callbacks": ["error", 4],
  "max-params": ["error", 6],
  "no-console": "error",
  "no-debugger": "error",
  "no-dupe-keys": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-nested-ternary": "error",
  "no-new-func": "error",
  "no-redeclare": "error",
  "no-script-url": "error",
  "no-sequences": "error",
  "no-shadow": "error",
  "no-undef": "error",
  "no-unreachable": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "prefer-const": "error",
};

/** Build the entry of a folder, or of one file in it, that may use more than the others. */
function entry(path, { globals = "", powers = [], rules = {} }) {
  return {
    files: [`static/js/${path}`],
    languageOptions: { globals: globals ? readonly(globals) : {} },
    rules: { ...without(...powers), ...rules },
  };
}

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["static/js/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "script", globals: BROWSER },
    rules: {
      ...STRICT,
      ...without(),
      "max-lines": ["error", 250],
      strict: ["error", "function"],
    },
  },

  // On every page of a site, small: the choice, the control, the sender, the page views.
  entry("tag/*.js", {
    globals: "CustomEvent CSSStyleSheet MutationObserver atob queueMicrotask",
  }),
  entry("tag/choice.js", { globals: "localStorage sessionStorage", powers: ["storage"] }),
  entry("tag/send.js", { globals: "fetch", powers: ["network"] }),

  // While there is something to ask.
  entry("asking/*.js", { globals: "ResizeObserver URLSearchParams clearInterval setInterval" }),
  entry("asking/granting.js", {
    globals: "console",
    rules: { "no-console": ["error", { allow: ["error", "warn"] }] }, // what an owner has to repair
  }),

  // After a yes. What could not be sent is kept for the next page, and a page that is left sends by beacon.
  entry("granted/*.js", {
    globals: "MutationObserver IntersectionObserver PerformanceObserver performance history screen self top",
  }),
  entry("granted/events.js", { globals: "localStorage", powers: ["localStorage", "sendBeacon"] }),
  entry("granted/tracker.js", { globals: "scrollY innerHeight navigation" }),
  entry("granted/custom.js", {
    globals: "Blob Element console",
    rules: { "no-console": ["error", { allow: ["warn"] }] }, // what an owner has to repair
  }),

  // For few visitors: a yes of an older release, a page that is not English.
  entry("on_demand/*.js", {}),

  // The signed-in pages of staff; the dashboard also runs in browsers of many years ago.
  entry("staff/*.js", { globals: "FormData URLSearchParams fetch", powers: ["network"] }),
  entry("staff/dashboard.js", { powers: ["network"], rules: { "no-var": "off" } }),

  // The public pages: receipts are checked without the network.
  entry("public/*.js", { globals: "Blob TextEncoder crypto" }),

  {
    files: ["tests/js/**/*.mjs", "eslint.config.mjs"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: NODE },
    rules: STRICT,
  },
];
