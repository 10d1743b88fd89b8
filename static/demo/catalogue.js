// The catalogue of the demo website: it changes its address by the History API.
(function () {
  'use strict';

  function show(shelf) {
    document.getElementById('shelf').textContent = shelf
      ? 'You are looking at the shelf: ' + shelf + '.'
      : 'No shelf is chosen.';
  }

  document.querySelectorAll('[data-shelf]').forEach(function (button) {
    button.addEventListener('click', function () {
      history.pushState({ shelf: button.dataset.shelf }, '', '/catalogue/' + button.dataset.shelf);
      show(button.dataset.shelf);
    });
  });
  window.addEventListener('popstate', function (event) {
    show(event.state && event.state.shelf);
  });
})();
