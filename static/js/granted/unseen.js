// Waits until a page can be seen. Loads in a tab that opens behind others, and in a frame.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst?.views || askfirst.unseen) return;

  const { views } = askfirst;

  // A frame that never comes in sight is never seen. What is seen is what the page says by then.
  function wait(begin) {
    views.noted.length = 0;
    if (document.hidden) return addEventListener("visibilitychange", () => wait(begin), { once: true });
    if (self === top) return seen(begin);
    new IntersectionObserver(([entry], frames) => {
      if (!entry.isIntersecting) return;
      frames.disconnect();
      seen(begin);
    }).observe(document.documentElement);
  }

  // Without a yes by now nothing is noted, and the next one is waited for.
  function seen(begin) {
    views.seen = true;
    views.note(views.first());
    begin();
  }

  askfirst.unseen = { wait };
})();
