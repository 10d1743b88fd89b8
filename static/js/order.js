// Where the question comes in the order of the Tab key: first, though it lies behind the page.
(() => {
  "use strict";

  // Before it a framework could still be taking over the page's nodes one by one, from the first on.
  addEventListener(
    "keydown",
    ({ key }) => {
      const bar = document.querySelector("#askfirst-banner,#askfirst-erasure");
      if (key === "Tab" && bar && !bar.contains(document.activeElement)) document.body.prepend(bar);
    },
    true,
  );
})();
