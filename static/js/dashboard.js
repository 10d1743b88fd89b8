// Comfort for the report pages: every page works without it. Sends nothing to anybody else.
(function (document, window) {
  'use strict';

  function guessZone() {
    var select = document.querySelector('select[data-guess-zone]');
    if (!select || !window.Intl) return;
    var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    var known = Array.prototype.some.call(select.options, function (o) { return o.value === zone; });
    if (known) select.value = zone;
  }

  function offerCopy() {
    document.querySelectorAll('[data-copy]').forEach(function (button) {
      if (!window.navigator.clipboard) return;
      button.hidden = false;
      button.addEventListener('click', function () {
        var text = document.getElementById(button.dataset.copy).value;
        window.navigator.clipboard.writeText(text).then(function () {
          button.textContent = 'Copied';
        });
      });
    });
  }

  function waitForFirstVisit() {
    var box = document.querySelector('[data-wait]');
    if (!box) return;
    window.setTimeout(function () {
      window.fetch(box.dataset.wait, { headers: { Accept: 'application/json' } })
        .then(function (answer) { return answer.ok ? answer.json() : {}; })
        .then(function (state) {
          if (state.recording) window.location.reload();
          else waitForFirstVisit();
        }, waitForFirstVisit);
    }, 1500);
  }

  guessZone();
  offerCopy();
  waitForFirstVisit();
})(document, window);
