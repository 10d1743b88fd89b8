// The question itself: the banner, its words and its looks; loaded only when there is need.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.control || askfirst.banner) return;

  const { choice } = askfirst;
  const { button, style, dock, makeRoom } = askfirst.control;
  const status = element("p", { id: "askfirst-status", role: "status", tabindex: -1 });

  let fetching;
  let asking = false;

  function worded() {
    fetching ||= fetchWords().catch((error) => {
      fetching = null;
      throw error;
    });
    return fetching;
  }

  async function fetchWords() {
    const { site, lang } = choice.script.dataset;
    const wanted = lang || document.documentElement.lang || navigator.language;
    const query = new URLSearchParams({ lang: wanted });
    const answer = await askfirst.send.wording(`wording/${site}.json?${query}`);
    if (answer.ok) return answer.json();
    if (answer.status === 404) stop(console.error, "there is no site with the key in data-site.");
    if (answer.status === 403) stop(console.warn, `${location.host} is not one of the site's hosts.`);
    throw new Error("no wording");
  }

  // Where nothing can be recorded nothing is asked or shown; only a yes can always be withdrawn.
  function stop(tell, why) {
    tell(`Askfirst: ${why} Nothing is asked or recorded on this page.`);
    if (choice.read().token) return;
    choice.script.dataset.control = "off";
    dock();
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children.filter(Boolean)); // an older policy may lack a text
    return made;
  }

  function root(name, id, { language, direction }, heading) {
    const title = element("h2", { id: `${id}-title`, tabindex: -1 }, heading);
    const names = { id, lang: language, dir: direction, "aria-labelledby": title.id };
    return element(name, names, title);
  }

  const part = (name, ...children) => element("div", { "data-askfirst": name }, ...children);
  const complaint = () => element("p", { role: "alert" });

  // Says what came of the choice, to eyes and ears.
  function say({ language, direction }, text) {
    status.lang = language;
    status.dir = direction;
    status.textContent = "";
    document.body.append(status);
    setTimeout(() => (status.textContent = text), 100);
    setTimeout(() => status.remove(), 8000);
    focusAgain();
  }

  // Where what had the focus is gone, the control takes it.
  function focusAgain() {
    if (document.activeElement !== document.body) return;
    const next = document.querySelector("#askfirst-control button") || status;
    next.focus({ preventScroll: true });
  }

  function policyLink({ policy_url: path, texts }) {
    return element("a", { href: new URL(path.replace(/^\//, ""), choice.base) }, texts.policy);
  }

  function list(rows) {
    const row = ([name, text]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, text));
    return element("dl", {}, ...rows.map(row));
  }

  const facts = ({ controller, retention, recipients, texts }) => [
    [texts.controller, controller.name],
    [texts.retention, retention],
    [texts.recipients, recipients],
  ];

  // Grants what is new, withdraws or refuses where nothing is left.
  async function choose(purposes, method, words) {
    if (!purposes.length) return choice.withdraw(method);
    if (purposes.join() === choice.read().purposes.join()) return;
    await choice.grant(purposes, method, words || (await worded()));
  }

  // Gives true when the choice was kept; a yes that fails says so, and the question stays.
  async function keep(words, purposes, method, alert) {
    if (asking) return false;
    asking = true;
    alert.textContent = "";
    try {
      await choose(purposes, method, words);
      return true;
    } catch {
      alert.textContent = words.texts.failed;
      return false;
    } finally {
      asking = false;
    }
  }

  // A yes needs a person's own click; a no is also taken from a tool that refuses for its user.
  async function accept(event, words, alert) {
    if (!event.isTrusted) return;
    const purposes = words.purposes.map(({ id }) => id);
    if (await keep(words, purposes, "banner", alert)) say(words, words.texts.thanks);
  }

  function refuse(words) {
    choice.refuse();
    say(words, words.texts.refused);
  }

  function banner(words) {
    const { texts, purposes } = words;
    const bar = root("section", "askfirst-banner", words, texts.title);
    const alert = complaint();
    const rows = [...purposes.map((purpose) => [purpose.title, purpose.text]), ...facts(words)];
    const text = part("text", bar.firstChild, element("p", {}, texts.intro));
    text.append(list(rows), policyLink(words));
    const answers = part(
      "answers",
      alert,
      button("refuse", texts.refuse, () => refuse(words)),
      button("accept", texts.accept, (event) => accept(event, words, alert)),
      button("preferences", texts.preferences, () => askfirst.banner.preferences()),
    );
    bar.append(text, answers);
    return bar;
  }

  function lay(bar) {
    status.remove();
    dock(bar);
    if (window.ResizeObserver) new ResizeObserver(makeRoom).observe(bar);
  }

  async function ask() {
    const words = await worded();
    if (choice.read().choice === "none") lay(banner(words));
  }

  style(`
:is(#askfirst-banner,#askfirst-erasure,#askfirst-preferences,#askfirst-status){all:initial;display:block;
--ink:#1d2733;--soft:#4b5866;--ground:#fff;--line:#8793a0;--key:#24405c;--on:#fff;
box-sizing:border-box;color-scheme:light;color:var(--ink);background:var(--ground);
font:400 max(16px,1rem)/1.5 system-ui,sans-serif;text-align:start}
@media(prefers-color-scheme:dark){
:is(#askfirst-banner,#askfirst-erasure,#askfirst-preferences,#askfirst-status){color-scheme:dark;
--ink:#e9eef3;--soft:#b4bfca;--ground:#18202a;--line:#76869a;--key:#d5e1ec;--on:#14202c}}
:is(#askfirst-banner,#askfirst-erasure,#askfirst-preferences){
*{all:revert;box-sizing:border-box;font:inherit}
:focus-visible{outline:3px solid var(--key);outline-offset:2px}
h2{font-size:1.1875em;font-weight:650;line-height:1.3;margin:0 0 8px;outline:0}
h3{font-weight:650;margin:20px 0 8px}
p{margin:0 0 8px}
p:empty{display:none}
ul{margin:0;padding-inline-start:20px}
dl,li{margin:0 0 4px;color:var(--soft);font-size:.875em}
dt{display:inline;font-weight:600;color:var(--ink)}
dt:after{content:": "}
dd{display:inline;margin:0}
a{color:var(--key);text-decoration:underline;font-size:.875em}
label{font-weight:600;margin-inline:8px}
input{width:20px;height:20px;margin:0;vertical-align:-4px;accent-color:var(--key)}
button{min-height:44px;padding:6px;border:1px solid var(--line);border-radius:8px;
background:var(--ground);color:var(--ink);font-size:.9375em;font-weight:600;cursor:pointer}
[data-askfirst=accept],[data-askfirst=refuse],[data-askfirst=erase],[data-askfirst=keep],
[data-askfirst=save]{background:var(--key);border-color:var(--key);color:var(--on)}
[data-askfirst=preferences]{grid-column:1/-1;border-color:#0000;font-weight:400;
text-decoration:underline}
[data-askfirst=text]{flex:1 1 400px;min-width:0}
[data-askfirst=answers]{flex:0 1 360px;display:grid;gap:8px;background:var(--ground);
grid-template-columns:repeat(auto-fit,minmax(min(136px,100%),1fr))}
[data-askfirst=state],[data-askfirst=purpose]{margin:0 0 16px}
[role=alert]{grid-column:1/-1;margin:0;padding-inline-start:10px;border-inline-start:4px solid}
}
#askfirst-banner,#askfirst-erasure{position:fixed;z-index:2147483647;inset:auto 0 0;
display:flex;flex-wrap:wrap;align-items:center;gap:12px 40px;max-height:70vh;overflow:auto;
padding:20px max(16px,50vw - 576px);border-top:1px solid var(--line);
box-shadow:0 -8px 32px #0a142026}
#askfirst-banner dl{display:flex;flex-wrap:wrap;gap:0 16px}
#askfirst-erasure h2{font-size:1em}
#askfirst-erasure p{margin:0;font-size:.9375em}
@media(min-height:480px){
#askfirst-banner [data-askfirst=answers],#askfirst-preferences [data-askfirst=answers]
{position:sticky;bottom:-20px;padding:12px 0 20px;margin-bottom:-20px}}
@media(max-width:480px){#askfirst-banner{padding-top:14px;font-size:max(15px,.9375rem);
line-height:1.4}}
#askfirst-preferences{position:fixed;inset:0;margin:auto;height:fit-content;width:min(640px,100% - 16px);max-height:calc(100% - 16px);padding:20px 24px;
border:1px solid var(--line);border-radius:12px;overflow:auto}
#askfirst-preferences::backdrop{background:#0a142099}
#askfirst-status:not(:empty){position:fixed;z-index:2147483646;bottom:60px;inset-inline-start:8px;
max-width:min(420px,100% - 16px);margin:0;padding:10px 14px;border:1px solid var(--line);
border-radius:8px}
@media print{#askfirst-banner,#askfirst-erasure,#askfirst-status{display:none}}`);

  const pieces = { element, root, part, complaint, list, facts, policyLink, lay, status };
  askfirst.banner = { ask, choose, keep, say, focusAgain, worded, pieces };
})();
