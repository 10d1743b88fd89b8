// Shows how far a file is whose making takes more than a second, and cancels it. Without it each
// link and button downloads its file all the same.
(function (document, window) {
  'use strict';
  const FIRST = 1000;
  const EVERY = 500;
  const TRIES = 6;
  const page = document.querySelector('[data-making]');
  if (!page) return;
  const number = new window.Intl.NumberFormat(page.dataset.numbers, { numberingSystem: 'latn' });

  function newName() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (one) {
      return ('0' + one.toString(16)).slice(-2);
    }).join('');
  }

  function element(name, text) {
    const one = document.createElement(name);
    if (text) one.textContent = text;
    return one;
  }

  function words(told) {
    const rows = number.format(told.rows);
    const seconds = ', ' + Math.round(told.ms / 1000) + ' s';
    if (told.of === null && !told.rows) return seconds.slice(2); // it has no rows, or none yet
    if (told.of === null) return rows + ' rows read' + seconds;
    return rows + ' of ' + number.format(told.of) + ' rows' + seconds;
  }

  // What stands behind a link or in a form while its file is made.
  function watch(place, name) {
    const box = element('span');
    const bar = element('progress');
    const said = element('span');
    const stop = element('button', 'Cancel');
    const address = page.dataset.making + '/' + name;
    let missed = 0;
    box.className = 'making';
    bar.setAttribute('aria-label', 'How far the file is');
    stop.type = 'button';
    stop.className = 'quiet';
    stop.addEventListener('click', function () {
      const body = new window.URLSearchParams({ csrf: page.dataset.csrf });
      window.fetch(address + '/cancel', { method: 'POST', body: body });
    });
    box.append(bar, said, stop);

    function end(text) {
      bar.remove();
      stop.remove();
      said.setAttribute('role', 'status');
      said.textContent = text;
    }

    const ends = {
      done: 'Done: ',
      cancelled: 'Cancelled; the file is not whole: ',
      failed: 'It failed; the file is not whole: '
    };

    function show(told) {
      if (told.state === 'done' && !box.isConnected) return; // it was quick
      if (!box.isConnected) place.append(box);
      if (ends[told.state]) {
        end(ends[told.state] + words(told));
        return;
      }
      if (told.of) {
        bar.max = told.of;
        bar.value = told.rows;
      }
      said.textContent = (told.of === null && !told.rows ? 'Making it: ' : '') + words(told);
      window.setTimeout(ask, EVERY);
    }

    function ask() {
      window.fetch(address).then(function (answer) {
        if (answer.ok) return answer.json().then(show);
        missed += 1; // the request for the file may not have come yet
        if (missed < TRIES && !box.isConnected) window.setTimeout(ask, EVERY);
        else box.remove();
      }, function () { box.remove(); });
    }

    window.setTimeout(ask, FIRST);
  }

  page.addEventListener('click', function (event) {
    const link = event.target.closest('a[data-file]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const plain = link.href;
    const named = new window.URL(plain);
    const name = newName();
    named.searchParams.set('making', name);
    link.href = named.href;
    window.setTimeout(function () { link.href = plain; }, 0); // a second click is another file
    const before = link.parentNode.querySelector('.making');
    if (before) before.remove();
    watch(link.parentNode, name);
  });

  page.addEventListener('submit', function (event) {
    const form = event.target;
    const field = form.elements.making || form.appendChild(element('input'));
    field.type = 'hidden';
    field.name = 'making';
    field.value = newName();
    const before = form.querySelector('.making');
    if (before) before.remove();
    watch(form, field.value);
  });
})(document, window);
