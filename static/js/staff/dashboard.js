// Convenience on the pages of staff, which all work without it. Sends nothing to anybody else.
(function (document, window) {
  'use strict';

  function guessZone() {
    var select = document.querySelector('select[data-guess-zone]');
    if (!select || !window.Intl) return;
    var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    var known = Array.prototype.some.call(select.options, function (o) { return o.value === zone; });
    if (known) select.value = zone;
  }

  // A one-time code stands in the link's fragment, which no server and no log sees.
  function takeCode() {
    var field = document.querySelector('input[name="code"]');
    var code = new window.URLSearchParams(window.location.hash.slice(1)).get('code');
    if (!field || !code) return;
    field.value = code;
    window.history.replaceState(null, '', window.location.pathname);
  }

  function readErrorsFirst() {
    var summary = document.querySelector('[data-errors]');
    // A fragment in the address leads to a field, which is then read first.
    if (summary && !window.location.hash) summary.focus();
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
          var told = 'turnedAway' in box.dataset;
          if (state.recording || (state.turned_away && !told)) window.location.reload();
          else waitForFirstVisit();
        }, waitForFirstVisit);
    }, 1500);
  }

  // The tabs of a card are links that the server answers; with this it answers with that card alone.
  function switchTabs() {
    document.addEventListener('click', function (event) {
      var link = event.target.closest('[data-tab]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      var name = link.parentNode.dataset.card;
      var card = link.closest('section');
      var address = new window.URL(window.location.href);
      address.searchParams.set(name, link.dataset.tab);
      address.hash = '';
      var part = new window.URL(address.href);
      part.searchParams.set('card', name);
      card.setAttribute('aria-busy', 'true');
      window.fetch(part.href).then(function (answer) {
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        return answer.text();
      }).then(function (text) {
        var parsed = new window.DOMParser().parseFromString(text, 'text/html');
        var fresh = document.importNode(parsed.querySelector('section'), true);
        card.replaceWith(fresh);
        window.history.replaceState(null, '', address.href);
        fresh.querySelector('[data-tab][aria-current]').focus();
      }).catch(function () { window.location.assign(link.href); });
    });
  }

  function closeMenus() {
    ['click', 'focusin'].forEach(function (kind) {
      document.addEventListener(kind, function (event) {
        document.querySelectorAll('details.menu[open]').forEach(function (menu) {
          if (!menu.contains(event.target)) menu.open = false;
        });
      });
    });
    document.addEventListener('keydown', function (event) {
      var menu = event.key === 'Escape' && document.querySelector('details.menu[open]');
      if (!menu) return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
  }

  // The server has drawn the chart. While somebody points at it, or moves along it by the arrow keys, the
  // step's numbers replace the key above, so that nothing covers the line.
  function readChart() {
    var plot = document.querySelector('[data-chart]');
    var table = document.getElementById('chart-numbers');
    if (!plot || !table) return;
    var svg = plot.querySelector('svg');
    var out = document.getElementById('readout');
    var key = Array.prototype.slice.call(out.childNodes);
    var rows = table.tBodies[0].rows;
    var heads = table.tHead.rows[0].cells;
    var marks = [];
    var at = -1;

    function mark(shape, values) {
      var one = document.createElementNS(svg.namespaceURI, shape);
      Object.keys(values).forEach(function (name) { one.setAttribute(name, values[name]); });
      marks.push(svg.appendChild(one));
    }

    function dot(x, value, look) {
      if (value === '') return;
      mark('circle', { 'class': look, cx: x, cy: 100 - value * 100 / plot.dataset.top + '%', r: 4 });
    }

    function clear() {
      marks.splice(0).forEach(function (one) { one.remove(); });
    }

    function words(row) {
      return Array.prototype.map.call(row.cells, function (cell, index) {
        return cell.textContent + (heads[index].dataset.said || '');
      });
    }

    // Keeps the height of the readout, so that the chart does not move.
    function hold(one) {
      one.style.minHeight = one.getBoundingClientRect().height + 'px';
    }

    function show(index) {
      if (at < 0) [out, out.parentNode].forEach(hold);
      at = Math.max(0, Math.min(rows.length - 1, index));
      var row = rows[at];
      var x = rows.length > 1 ? at * 100 / (rows.length - 1) + '%' : '50%';
      var said = words(row);
      clear();
      mark('line', { 'class': 'cross', x1: x, x2: x, y1: 0, y2: '100%' });
      dot(x, row.dataset.before, 'at before');
      dot(x, row.dataset.now, 'at');
      out.replaceChildren.apply(out, said.map(function (text, column) {
        var one = document.createElement(column === 1 ? 'b' : 'span');
        one.textContent = text;
        return one;
      }));
      plot.setAttribute('aria-valuenow', at);
      plot.setAttribute('aria-valuetext', said.join(', '));
    }

    function rest() {
      at = -1;
      clear();
      out.replaceChildren.apply(out, key);
    }

    function point(event) {
      var box = svg.getBoundingClientRect();
      show(Math.round((event.clientX - box.left) / box.width * (rows.length - 1)));
    }

    var label = document.getElementById('chart-title').textContent;
    var given = {
      role: 'slider', tabindex: 0, 'aria-label': label, 'aria-valuemin': 0,
      'aria-valuemax': rows.length - 1, 'aria-valuenow': rows.length - 1,
      'aria-valuetext': words(rows[rows.length - 1]).join(', ')
    };
    Object.keys(given).forEach(function (name) { plot.setAttribute(name, given[name]); });
    plot.removeAttribute('aria-hidden');
    plot.addEventListener('pointermove', point);
    plot.addEventListener('pointerdown', point);
    plot.addEventListener('pointerleave', rest);
    plot.addEventListener('blur', rest);
    plot.addEventListener('keydown', function (event) {
      var last = rows.length - 1;
      var next = {
        ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at < 0 ? last : at + 1, Home: 0, End: last
      }[event.key];
      if (event.key === 'Escape') rest();
      if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show(next);
    });
  }

  takeCode();
  guessZone();
  readErrorsFirst();
  offerCopy();
  waitForFirstVisit();
  switchTabs();
  closeMenus();
  readChart();
})(document, window);
