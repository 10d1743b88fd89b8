// One key each for what is used often on a report; the page /keys lists them. Not while somebody types.
(function (document, window) {
  'use strict';

  const TYPED_IN = 'input, textarea, select, [contenteditable]';

  function byKey(key) {
    return Array.prototype.find.call(document.querySelectorAll('[data-key]'), function (link) {
      return link.dataset.key === key;
    });
  }

  // Opens a menu and goes to its first field.
  function open(menu) {
    if (!menu) return false;
    menu.open = true;
    const field = menu.querySelector('select, input:not([type="hidden"]), textarea');
    if (field) field.focus();
    return true;
  }

  function act(key) {
    if (key === 'f') return open(document.getElementById('add-filter'));
    if (key === 'd') return open(document.querySelector('details[data-days]'));
    const link = byKey(key);
    if (link) window.location.assign(link.href);
    return !!link;
  }

  function isModified(event) {
    return event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key !== '?');
  }

  function isTaken(event) {
    return event.repeat || event.isComposing || event.defaultPrevented || event.target.closest(TYPED_IN);
  }

  document.addEventListener('keydown', function (event) {
    if (!isModified(event) && !isTaken(event) && act(event.key)) event.preventDefault();
  });
})(document, window);
