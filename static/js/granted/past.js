// Navigation within a page, for browsers without the Navigation API. Loads there after a yes.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.past) return;

  // The page's own call returns what it would without us, and an error of ours does not reach it.
  function told(original, moved) {
    return function (...given) {
      const answer = original.apply(this, given);
      try {
        moved();
      } catch {}
      return answer;
    };
  }

  function watch(moved) {
    for (const name of ["pushState", "replaceState"]) history[name] = told(history[name], moved);
    addEventListener("popstate", moved, true);
    moved();
  }

  askfirst.past = { watch };
})();
