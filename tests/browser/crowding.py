"""What is too wide, outside of its panel, or written over something else on a page."""

CROWDED = """() => {
  const seen = (one) => one.getClientRects().length
    && getComputedStyle(one).visibility !== 'hidden';
  const words = (one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 80);
  const box = (one) => one.getBoundingClientRect();
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) found.push(`too wide: ${root.scrollWidth}`);
  document.querySelectorAll('main svg text').forEach((one) => {
    const panel = seen(one) && one.closest('.panel');
    if (!panel || one.closest('.scroll')) return;
    const [inner, outer] = [box(one), box(panel)];
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1) {
      found.push(`outside: ${words(one)}`);
    }
  });
  document.querySelectorAll('.heat tbody th span').forEach((one) => {
    const [inner, outer] = [box(one), box(one.parentNode)];
    if (inner.width > 1 && (inner.right > outer.right + 1 || inner.left < outer.left - 1)) {
      found.push(`beside its cell: ${words(one)}`);
    }
  });
  const groups = ['svg .tick', '.head > *', '.card-head > *', '.list tr > *', '.tabs > *'];
  groups.forEach((selector) => {
    const parts = [...document.querySelectorAll(selector)].filter(seen);
    parts.forEach((one, nth) => {
      const next = parts[nth + 1];
      if (!next || next.parentNode !== one.parentNode) return;
      const [a, b] = [box(one), box(next)];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (a.width > 1 && b.width > 1 && across > 1 && down > 1) {
        found.push(`over: ${words(one)} | ${words(next)}`);
      }
    });
  });
  return [...new Set(found)];
}"""
"""Returns what is found of the page as it stands, as sentences; empty where all is well."""
