// The requests to the server. Loads on every page; the only file of the visitor's that touches the network.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.views) return;

  const { choice } = askfirst;
  const { site } = choice.script.dataset;

  // A body that is a string is sent as text/plain, which needs no preflight request (CORS).
  const request = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      credentials,
      keepalive: true,
      method: body && "POST",
      body: JSON.stringify(body),
    }).catch(() => ({ status: 500 }));

  // Returns the milliseconds until it makes sense to try again, or something falsy where it never does.
  const pause = ({ status, headers }, tried) =>
    (status === 429 || status >= 500) &&
    1e3 * Math.max(headers?.get("Retry-After") || 0, 2 ** tried * (1 + Math.random()));

  // What has to arrive counts how often it was `tried`.
  async function consent(path, body, tried) {
    const answer = await request(path, { site, ...body }, choice.near ? "include" : "omit");
    if (answer.ok) return answer.json();
    const wait = tried && tried < 5 && pause(answer, tried);
    if (!wait) throw answer;
    await new Promise((done) => setTimeout(done, wait));
    return consent(path, body, tried + 1);
  }

  askfirst.send = { request, pause, consent };
})();
