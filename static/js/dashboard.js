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

  // A one-time code stands behind # in its link: no server and no log sees it there.
  function takeCode() {
    var field = document.querySelector('input[name="code"]');
    var code = new window.URLSearchParams(window.location.hash.slice(1)).get('code');
    if (!field || !code) return;
    field.value = code;
    window.history.replaceState(null, '', window.location.pathname);
  }

  function readErrorsFirst() {
    var summary = document.querySelector('[data-errors]');
    if (summary) summary.focus();
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

  function closeMenus() {
    document.addEventListener('click', function (event) {
      document.querySelectorAll('details.menu[open]').forEach(function (menu) {
        if (!menu.contains(event.target)) menu.open = false;
      });
    });
    document.addEventListener('keydown', function (event) {
      var menu = event.key === 'Escape' && document.querySelector('details.menu[open]');
      if (!menu) return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
  }

  function colour(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // The chart wears the page's colours, in light and in dark.
  function chartLook() {
    var text = { labelColor: colour('--soft'), labelFontSize: 12, domain: false, ticks: false };
    return {
      background: null,
      font: window.getComputedStyle(document.body).fontFamily,
      view: { stroke: null },
      axis: text,
      axisX: { labelPadding: 8 },
      axisY: { gridColor: colour('--line'), labelPadding: 8, minExtent: 28 },
      style: {
        now: { color: colour('--accent'), stroke: colour('--accent'), strokeWidth: 2, strokeJoin: 'round' },
        'now-area': { color: colour('--accent'), fill: colour('--accent'), fillOpacity: 0.1 },
        before: { color: colour('--field-line'), stroke: colour('--field-line'), strokeWidth: 1.5, strokeDash: [4, 4] },
        dot: { color: colour('--accent'), fill: colour('--accent'), stroke: colour('--card'), size: 64, filled: true, strokeWidth: 2 }
      }
    };
  }

  function tipLine(name, value, strong) {
    var line = document.createElement('span');
    var mark = document.createElement(strong ? 'b' : 'span');
    mark.textContent = name ? name + ': ' + value : value;
    line.appendChild(mark);
    return line;
  }

  // Text only, never markup: what is shown came from the page's own numbers.
  function tipOver(plot) {
    var tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    plot.appendChild(tip);
    return function (_handler, event, item, value) {
      tip.hidden = !value;
      if (!value) return;
      // The cells around the nearest points carry the point; the point carries the row.
      var row = item.datum.datum || item.datum;
      tip.replaceChildren.apply(tip, Object.keys(value).map(function (name) {
        return tipLine(name === 'step' ? '' : name, row[name], name === 'step');
      }));
      var box = plot.getBoundingClientRect();
      var left = event.clientX - box.left + 14;
      tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + 'px';
      tip.style.top = Math.max(0, event.clientY - box.top - tip.offsetHeight - 10) + 'px';
    };
  }

  function drawChart(plot, spec) {
    var canvas = document.createElement('div');
    canvas.className = 'drawn';
    var tip = tipOver(plot);
    plot.appendChild(canvas);
    spec.height = plot.clientHeight - 40;
    return window.vegaEmbed(canvas, spec, {
      actions: false, ast: true, config: chartLook(), defaultStyle: false, renderer: 'svg', tooltip: tip
    }).then(function (result) {
      plot.querySelectorAll('.plain').forEach(function (plain) { plain.hidden = true; });
      canvas.setAttribute('aria-hidden', 'true');
      return function () { result.finalize(); canvas.remove(); plot.querySelector('.tip').remove(); };
    }, function () { canvas.remove(); });
  }

  function loadChart() {
    var plot = document.getElementById('chart');
    if (!plot) return;
    var spec = document.getElementById('chart-spec').textContent;
    var script = document.createElement('script');
    var dark = window.matchMedia('(prefers-color-scheme: dark)');
    script.src = plot.dataset.library;
    script.onload = function () {
      var drawn = drawChart(plot, JSON.parse(spec));
      dark.addEventListener('change', function () {
        drawn = drawn.then(function (remove) {
          if (remove) remove();
          return drawChart(plot, JSON.parse(spec));
        });
      });
    };
    document.head.appendChild(script);
  }

  takeCode();
  guessZone();
  readErrorsFirst();
  offerCopy();
  waitForFirstVisit();
  closeMenus();
  loadChart();
})(document, window);
