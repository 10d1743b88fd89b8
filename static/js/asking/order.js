// Makes the banner first in the order of the Tab key, though it lies behind the page. Loads with the banner.
(() => {
  "use strict";

  // Moved at the first key, not earlier: a framework may be taking over the page's nodes (hydration).
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
