// Where the question comes in the order of the Tab key: first, though it lies behind the page.
(() => {
  "use strict";

  // Before it a framework could still be taking over the page's nodes one by one, from the first on.
  document.addEventListener(
    "keydown",
    ({ key }) => {
      const { body, activeElement } = document;
      const bar = body.querySelector("#askfirst-banner,#askfirst-erasure");
      if (key === "Tab" && bar?.previousSibling && !bar.contains(activeElement)) body.prepend(bar);
    },
    true,
  );
})();
