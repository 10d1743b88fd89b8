// The requests to the server. Loads on every page; the only file of the visitor's that touches the network.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice, control } = askfirst;
  const { site } = choice.script.dataset;

  // A body that is a string is sent as text/plain, which needs no preflight request (CORS).
  const request = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      credentials,
      keepalive: true,
      method: body && "POST",
      body: JSON.stringify(body),
    }).catch(() => ({ status: 500 }));

  // What has to arrive counts how often it was `tried`; the waiting in between is in `granted.js`.
  async function consent(path, body, tried) {
    const answer = await request(path, { site, ...body }, choice.near ? "include" : "omit");
    if (answer.ok) return answer.json();
    if (!tried || !(await control.open("granted", () => askfirst.events.wait(answer, tried)))) throw answer;
    return consent(path, body, tried + 1);
  }

  askfirst.send = { request, consent };
})();
