// Forms, and the site's own events: `askfirst.track` and marked elements. Loads after a yes, where there are any.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.events || askfirst.custom) return;

  const { events, views } = askfirst;
  const { getAttribute, getAttributeNames, matches } = Element.prototype; // a field may be called like them
  const MARK = "[data-askfirst-event]";
  const isText = (it, most) => typeof it === "string" && it.length <= most;
  const isValue = (it) => isText(it, 500) || typeof it === "boolean" || Number.isFinite(it);
  const isProp = ([key, value]) => key && key.length <= 64 && isValue(value);

  function areProps(props, given) {
    const all = Object.entries(props);
    const isObject = given === undefined || (typeof given === "object" && !Array.isArray(given));
    const bytes = new Blob([JSON.stringify(props)]).size;
    return isObject && all.length <= 30 && bytes <= 4096 && all.every(isProp);
  }

  function isMoney(amount, currency) {
    if (amount === undefined && currency === undefined) return true;
    return Number.isFinite(amount) && Math.abs(amount) <= 1e12 && /^[A-Z]{3}$/.test(currency);
  }

  // Returns the event, or throws what is wrong with it: the server would refuse it, too.
  function checked(name, given, { amount, currency } = {}) {
    const props = { ...given }; // reads each property once
    if (!isText(name, 64) || !name.trim()) throw "the name";
    if (!areProps(props, given)) throw "the properties";
    if (!isMoney(amount, currency)) throw "amount and currency";
    return { kind: "custom_event", url: views.addressOf(), name, props, amount, currency };
  }

  // A wrong call says so on the console, and never disturbs the page that makes it.
  function track(name, props, money) {
    try {
      events.record(checked(name, props, money));
    } catch (error) {
      console.warn("Askfirst: track() sends nothing. What is wrong:", error);
    }
  }

  // Sends what is written on an element.
  function mark(element) {
    const read = (name) => getAttribute.call(element, `data-askfirst-${name}`) ?? undefined;
    const props = {};
    for (const name of getAttributeNames.call(element)) {
      const [, key] = name.split("data-askfirst-prop-");
      if (key) props[key] = read(`prop-${key}`);
    }
    const amount = read("amount");
    track(read("event"), props, { amount: amount && Number(amount), currency: read("currency") });
  }

  // A form that only closes its dialog sends nothing.
  function submitted(form, button) {
    const read = (name) => getAttribute.call(form, name) ?? "";
    if ((button?.getAttribute("formmethod") ?? read("method")) === "dialog") return;
    const name = read("id") || read("name");
    events.record({ kind: "form_submit", url: views.addressOf(), form: name.slice(0, 500) });
    if (matches.call(form, MARK)) mark(form);
  }

  // Takes what was done, and the elements around it: a marked form counts when it is sent.
  function acted({ type, target, submitter }, around, link) {
    if (type === "submit") return submitted(target, submitter);
    const isMarked = (node) => node instanceof Element && matches.call(node, `${MARK}:not(form)`);
    const marked = (link || type === "click") && around.find(isMarked);
    if (marked) mark(marked);
  }

  askfirst.track = track;
  askfirst.custom = { track, acted };
})();
