// Saves a wording's draft while it is typed and refreshes its preview. The form works without it.
(() => {
  "use strict";

  const PAUSE = 700; // milliseconds after the last key
  const form = document.querySelector("[data-draft]");
  const state = document.querySelector("[data-state]");
  const frames = document.querySelectorAll("[data-frame]");
  if (!form || !state) return;

  let timer = 0;
  let turn = 0;

  function savedText({ problems }) {
    if (!problems) return "The draft is kept.";
    const what = problems === 1 ? "one thing has" : `${problems} things have`;
    return `The draft is kept; ${what} to be corrected before it can be published.`;
  }

  function showContrasts(contrasts) {
    for (const [mode, { said, good }] of Object.entries(contrasts)) {
      const line = document.querySelector(`[data-contrast=${mode}]`);
      line.textContent = said;
      line.parentElement.classList.toggle("fine", good);
    }
  }

  // A colour is typed or picked; each of the two fields follows the other.
  function pair(pick) {
    const typed = document.getElementById(pick.dataset.pick);
    pick.addEventListener("input", () => (typed.value = pick.value));
    typed.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(typed.value.trim())) pick.value = typed.value.trim().toLowerCase();
    });
  }

  async function keep() {
    const mine = (turn += 1);
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "keep");
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const said = answer.ok && !answer.redirected ? await answer.json() : null;
      if (mine !== turn) return;
      state.textContent = said ? savedText(said) : "The draft could not be kept. Sign in again.";
      if (said) showContrasts(said.contrasts);
      if (said) frames.forEach((frame) => frame.contentWindow.location.reload());
    } catch {
      state.textContent = "The draft could not be kept; it will be with the next change.";
    }
  }

  document.querySelectorAll("[data-pick]").forEach(pair);
  form.addEventListener("input", (event) => {
    if (event.target.name === "show") return; // shows another language and changes nothing
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  document.addEventListener("submit", () => clearTimeout(timer)); // also by the button that discards the draft
})();
