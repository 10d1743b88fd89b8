// Keeps the page "Now" fresh: the server sends the part that has changed. Without it one reloads.
(function (document, window) {
  'use strict';

  const box = document.querySelector('[data-now]');
  const said = document.querySelector('[data-now-said]');
  if (!box || !said || !window.EventSource) return;

  const source = new window.EventSource(box.dataset.now);

  source.addEventListener('message', function (event) {
    const page = new window.DOMParser().parseFromString(event.data, 'text/html');
    const fresh = page.getElementById('here');
    if (fresh) box.replaceChildren(fresh);
    said.textContent = 'This page keeps itself up to date.';
  });

  source.addEventListener('ended', function () {
    source.close();
    said.textContent = 'No longer kept up to date: reload, and sign in again if you are asked to.';
  });

  source.addEventListener('error', function () {
    said.textContent = source.readyState === window.EventSource.CLOSED
      ? 'Not kept up to date: reload to see who is here by then.'
      : 'The server does not answer; trying again.';
  });
})(document, window);
