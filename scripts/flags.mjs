/* Makes static/images/flags.svg: the flags of all countries in one drawing, each a view of its own.

   npm pack country-flag-icons && tar xzf country-flag-icons-*.tgz && npm install --no-save svgo
   node scripts/flags.mjs package/3x2 static/images/flags.svg

   Coordinates are rounded to an eighth of a pixel of a flag that is 18 pixels wide. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { optimize } from 'svgo';

const [from, to] = process.argv.slice(2);
const WIDTH = 144;
const HEIGHT = 96;
const COLUMNS = 16;
const SMALLEST = {
  multipass: true,
  floatPrecision: 0,
  plugins: [
    { name: 'preset-default', params: { overrides: { convertPathData: { transformPrecision: 6 } } } },
    'convertStyleToAttrs',
  ],
};

function drawn(file) {
  const text = readFileSync(`${from}/${file}`, 'utf8');
  const [left, top, width] = text.match(/viewBox="([^"]+)"/)[1].split(' ').map(Number);
  const inner = text.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  const moved = `scale(${WIDTH / width}) translate(${-left} ${-top})`;
  const whole = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}">`
    + `<g transform="${moved}">${inner}</g></svg>`;
  return optimize(whole, SMALLEST).data.replace(/^<svg[^>]*>/, '').replace(/<\/svg>$/, '')
    .replace(/ class="[^"]*"/g, '');
}

const files = readdirSync(from).filter((name) => /^[A-Z]{2}\.svg$/.test(name)).sort();
const flags = files.map((file, index) => {
  const x = (index % COLUMNS) * WIDTH;
  const y = Math.floor(index / COLUMNS) * HEIGHT;
  return `<view id="${file.slice(0, 2)}" viewBox="${x} ${y} ${WIDTH} ${HEIGHT}"/>`
    + `<svg x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}">${drawn(file)}</svg>\n`;
});
const height = Math.ceil(files.length / COLUMNS) * HEIGHT;
writeFileSync(to, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${height}">\n`
  + `${flags.join('')}</svg>\n`);
