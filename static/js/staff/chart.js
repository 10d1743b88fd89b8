// Draws one chart by Vega, when its page was asked for. An interpreter runs what the chart calculates, so
// the page needs no right to make scripts out of text. Arrow keys move from mark to mark, + and - zoom.
(function (document, window) {
  'use strict';

  const LEAST = -1, MOST = 101; // of the steps, from 0 to 100, and room for half a mark
  const figure = document.querySelector('[data-vega]');
  if (!figure || !window.vegaEmbed) return;
  const told = JSON.parse(figure.querySelector('[data-spec]').textContent);
  const plot = figure.querySelector('[data-plot]');
  const readout = figure.querySelector('[data-readout]');
  const rest = readout.textContent;
  const tokens = told.spec.usermeta.tokens;
  const last = told.words.length - 1;
  let at = -1;

  // Puts the page's tokens, which are others in the dark and in print, in the place of colours on paper.
  function dressed(value) {
    if (typeof value === 'string') return tokens[value] ? 'var(' + tokens[value] + ')' : value;
    if (Array.isArray(value)) return value.map(dressed);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.keys(value).map(function (name) { return [name, dressed(value[name])]; }));
  }

  function show(view, next) {
    const found = next < 0 ? -1 : Math.min(last, next);
    if (found === at) return;
    at = found;
    readout.textContent = at < 0 ? rest : told.words[at];
    view.signal('at', at).runAsync();
  }

  function zoom(view, factor) {
    if (!told.zooms) return;
    const shown = view.scale('x').domain();
    const middle = at < 0 ? (shown[0] + shown[1]) / 2 : 100 * at / Math.max(1, last);
    const length = Math.min(MOST - LEAST, (shown[1] - shown[0]) * factor);
    const start = Math.max(LEAST, Math.min(MOST - length, middle - length / 2));
    view.signal('zoom_x', [start, start + length]).runAsync();
  }

  // A line is read at the step that is nearest, a cell or a bar where the pointer is.
  function pointed(view, event, item) {
    if (!told.zooms) return item && item.datum && item.datum.nth >= 0 ? item.datum.nth : -1;
    const left = plot.querySelector('svg').getBoundingClientRect().left + view.padding().left + view.origin()[0];
    const step = Math.round(view.scale('x').invert(event.clientX - left) * last / 100);
    return Math.max(0, Math.min(last, step));
  }

  function listen(view) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -told.columns, ArrowDown: told.columns };
    const zooms = { '+': 0.5, '-': 2, '0': 1000 };
    plot.querySelector('svg').setAttribute('aria-hidden', 'true'); // the words are in the readout
    plot.tabIndex = 0;
    plot.setAttribute('role', 'group');
    plot.setAttribute('aria-label', told.spec.description);
    view.addEventListener('pointermove', function (event, item) { show(view, pointed(view, event, item)); });
    plot.addEventListener('pointerleave', function () { show(view, -1); });
    plot.addEventListener('blur', function () { show(view, -1); });
    plot.addEventListener('keydown', function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') show(view, -1);
      if (event.key in zooms) zoom(view, zooms[event.key]);
      if (!(event.key in steps)) return;
      event.preventDefault();
      show(view, at < 0 ? 0 : Math.max(0, at + steps[event.key]));
    });
  }

  const spec = dressed(told.spec);
  delete spec.title; // the page says it
  if (told.columns === 1) Object.assign(spec, { width: plot.clientWidth, autosize: { type: 'fit-x', contains: 'padding' } });
  window.vegaEmbed(plot, spec, {
    actions: false,
    ast: true,
    config: { font: window.getComputedStyle(document.body).fontFamily },
    defaultStyle: false,
    renderer: 'svg',
    tooltip: false,
  }).then(function (drawn) {
    listen(drawn.view);
    figure.dataset.drawn = '';
  });
})(document, window);
