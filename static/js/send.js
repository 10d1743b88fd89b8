// The only file that touches the network.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.send) return;

  const TRIES = 5;
  const { choice } = askfirst;
  const { site } = choice.script.dataset;

  // A text as body goes as text/plain, which no browser asks the server about beforehand.
  const request = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      method: body && "POST",
      credentials,
      keepalive: true,
      body: JSON.stringify(body),
    }).catch(() => ({ status: 500 }));

  const failed = ({ status }) => status === 429 || status >= 500;

  function pause({ headers }, tried) {
    const wanted = headers?.get("Retry-After") || 0; // seconds
    return 1000 * Math.max(wanted, 2 ** tried * (1 + Math.random()));
  }

  async function consent(path, body, tried = TRIES) {
    const answer = await request(path, { site, ...body }, choice.near ? "include" : "omit");
    if (answer.ok) return answer.json();
    if (!failed(answer) || tried >= TRIES) throw answer;
    await new Promise((done) => setTimeout(done, pause(answer, tried)));
    return consent(path, body, tried + 1);
  }

  askfirst.send = { TRIES, request, failed, pause, consent };
})();
