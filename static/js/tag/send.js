// The only file that touches the network.
(() => {
  "use strict";

  const askfirst = window.askfirst;
  if (!askfirst || askfirst.send) return;

  const { choice, control } = askfirst;
  const { site } = choice.script.dataset;

  // A text as body goes as text/plain, which no browser asks the server about beforehand.
  const request = (path, body, credentials = "omit") =>
    fetch(choice.base + path, {
      method: body && "POST",
      credentials,
      keepalive: true,
      body: JSON.stringify(body),
    }).catch(() => ({ status: 500 }));

  // What must arrive counts how often it was `tried`; the patience for it comes from its own file.
  async function consent(path, body, tried) {
    const answer = await request(path, { site, ...body }, choice.near ? "include" : "omit");
    if (answer.ok) return answer.json();
    if (!tried || !(await control.open("granted", () => askfirst.events.rest(answer, tried)))) throw answer;
    return consent(path, body, tried + 1);
  }

  askfirst.send = { request, consent };
})();
