// Makes the preview of a wording harmless: the tag that loads after it stores and sends nothing.
(() => {
  "use strict";

  // No choice is known and none is kept, so the banner always shows.
  Object.defineProperty(document, "cookie", { get: () => "", set: () => true });
  Object.defineProperty(navigator, "globalPrivacyControl", { get: () => false });

  // The draft's texts are for signed-in staff; every other request of the tag is dropped.
  const { fetch } = window;
  window.fetch = (address, options) =>
    new URL(address, location.href).pathname.endsWith(".json")
      ? fetch(address, { ...options, credentials: "same-origin" })
      : Promise.reject(new TypeError("This is a preview."));

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("a")) event.preventDefault();
  });
})();
