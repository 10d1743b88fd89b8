// Who may do what in the visitor's browser: each power has one owner among the scripts.

const BROWSER = Object.fromEntries(
  (
    "window document navigator location history fetch URL URLSearchParams Request CustomEvent" +
    " CSSStyleSheet ResizeObserver MutationObserver crypto atob btoa setTimeout clearTimeout setInterval clearInterval queueMicrotask" +
    " addEventListener getComputedStyle TextEncoder Blob"
  )
    .split(" ")
    .map((name) => [name, "readonly"]),
);
const NODE = { Buffer: "readonly", URL: "readonly", setImmediate: "readonly", process: "readonly" };

const property = (name, owner) => ({ property: name, message: `Only ${owner} may touch it.` });
const global = (name, owner) => ({ name, message: `Only ${owner} may touch it.` });

const MEMORY = ["cookie", "cookieStore", "localStorage", "sessionStorage", "indexedDB", "caches"];
const NETWORK = ["fetch", "sendBeacon", "XMLHttpRequest", "WebSocket", "EventSource", "Image"];
const MARKUP = ["innerHTML", "outerHTML", "insertAdjacentHTML", "write", "writeln"];

const banned = {
  memory: MEMORY.map((name) => [name, "choice.js"]),
  network: NETWORK.map((name) => [name, "send.js"]),
  markup: MARKUP.map((name) => [name, "nobody"]),
};

function only(...kinds) {
  const names = kinds.flatMap((kind) => banned[kind]);
  return {
    "no-restricted-properties": ["error", ...names.map(([name, owner]) => property(name, owner))],
    "no-restricted-globals": ["error", ...names.map(([name, owner]) => global(name, owner))],
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
  "no-new-func": "error",
  "no-redeclare": "error",
  "no-script-url": "error",
  "no-shadow": "error",
  "no-undef": "error",
  "no-unreachable": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "prefer-const": "error",
};

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["static/js/*/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "script", globals: BROWSER },
    rules: {
      ...STRICT,
      ...only("memory", "network", "markup"),
      "max-lines": ["error", 250],
      strict: ["error", "function"],
    },
  },
  { files: ["static/js/staff/dashboard.js"], rules: { "no-var": "off" } },
  {
    files: ["static/js/staff/*.js"], // pages of staff
    languageOptions: { globals: { FormData: "readonly" } },
    rules: only("memory", "markup"),
  },
  {
    files: ["static/js/asking/granting.js"],
    languageOptions: { globals: { console: "readonly" } },
    rules: { "no-console": ["error", { allow: ["error", "warn"] }] }, // what an owner has to mend
  },
  {
    files: ["static/js/tag/choice.js"],
    languageOptions: { globals: { sessionStorage: "readonly" } },
    rules: only("network", "markup"),
  },
  { files: ["static/js/tag/send.js"], rules: only("memory", "markup") },
  {
    files: ["tests/js/**/*.mjs", "eslint.config.mjs"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: NODE },
    rules: STRICT,
  },
];
