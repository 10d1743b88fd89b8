// Writes data/world-dots.json: land as dots of equal area, by country, for the map of the reports.
//
//   npm install --no-save world-atlas@2.0.2 topojson-client@3.1.0 i18n-iso-countries@7.14.0
//   node scripts/world-dots.mjs [FOLDER OF node_modules] > data/world-dots.json
//
// Countries are Natural Earth's 1:50m (public domain), as the package world-atlas has them. The
// projection is Equal Earth (Šavrič, Patterson and Jenny 2018). A country between the dots gets the one
// nearest to its middle that is no other country's only one, so that each can be seen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const folder = resolve(process.argv[2] ?? "node_modules");
const need = createRequire(`${folder}/`);
const { feature } = need("topojson-client");
const { numericToAlpha2 } = need("i18n-iso-countries");
const world = JSON.parse(readFileSync(`${folder}/world-atlas/countries-50m.json`, "utf8"));

const STEP = 6; // between the dots of a row, on a map of about 540 by 263
const SCALE = 100;
const PARTS = {
  // have a code of their own, and are no country by themselves there
  BQ: [-68.2, 12.2],
  CC: [96.8, -12.2],
  CX: [105.6, -10.5],
  GF: [-53, 4],
  GI: [-5.4, 36.1],
  GP: [-61.5, 16.2],
  MQ: [-61, 14.6],
  RE: [55.5, -21.1],
  SJ: [16, 78],
  TK: [-171.8, -9.2],
  TV: [179.2, -8.5],
  YT: [45.2, -12.8],
};
const WITHOUT_CODE = { Kosovo: "XK" };
const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const RADIANS = Math.PI / 180;
const M = Math.sqrt(3) / 2;

function project([longitude, latitude]) {
  const theta = Math.asin(M * Math.sin(latitude * RADIANS));
  const square = theta * theta;
  const sixth = square ** 3;
  const x = (longitude * RADIANS * Math.cos(theta)) / (M * (A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square)));
  const y = theta * (A1 + A2 * square + sixth * (A3 + A4 * square));
  return [x * SCALE, -y * SCALE];
}

function contains(rings, [x, y]) {
  let inside = false;
  for (const ring of rings)
    for (let here = 0, last = ring.length - 1; here < ring.length; last = here++) {
      const [[x1, y1], [x2, y2]] = [ring[here], ring[last]];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    }
  return inside;
}

function boxOf(ring) {
  const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

const polygons = [];
for (const { id, properties, geometry } of feature(world, world.objects.countries).features) {
  const code = WITHOUT_CODE[properties.name] ?? numericToAlpha2(id) ?? "";
  if (code === "AQ" || !geometry) continue;
  const shapes = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  for (const shape of shapes) {
    const rings = shape.map((ring) => ring.map(project));
    polygons.push({ code, rings, box: boxOf(rings[0]) });
  }
}

const WIDTH = Math.ceil(project([180, 0])[0]);
const HEIGHT = Math.ceil(-project([0, 84])[1]);
const SOUTH = Math.ceil(project([0, -57])[1]);
const HIGH = STEP * M;
const dots = new Map();
const owner = new Map(); // the country of each place of the grid
for (let row = 0, y = -HEIGHT; y <= SOUTH; y += HIGH, row++)
  for (let column = 0, x = -WIDTH + (row % 2 ? STEP / 2 : 0); x <= WIDTH; x += STEP, column++) {
    const found = polygons.find(
      ({ box, rings }) => x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3] && contains(rings, [x, y])
    );
    if (found) owner.set(`${column},${row}`, found.code);
    if (found) add(found.code, column, row);
  }

function add(code, column, row) {
  dots.set(code, [...(dots.get(code) ?? []), [column, row]]);
}

// Small countries: the nearest place that is sea, or of a country with dots to spare.
const areas = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
const largest = new Map();
for (const one of polygons)
  if (!largest.has(one.code) || areas(one.box) > areas(largest.get(one.code).box)) largest.set(one.code, one);
for (const [code, place] of Object.entries(PARTS)) {
  const [x, y] = project(place);
  largest.set(code, { box: [x, y, x, y] });
}
for (const [code, { box }] of [...largest].sort(([one], [other]) => (one < other ? -1 : 1))) {
  if (dots.has(code) || !code) continue;
  const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  let best;
  for (let row = 0; row * HIGH <= HEIGHT + SOUTH; row++)
    for (let column = 0; column * STEP <= 2 * WIDTH; column++) {
      const holder = owner.get(`${column},${row}`);
      if (holder !== undefined && (dots.get(holder) ?? []).length < 3) continue;
      const at = [column * STEP - WIDTH + (row % 2 ? STEP / 2 : 0), row * HIGH - HEIGHT];
      const far = Math.hypot(at[0] - middle[0], at[1] - middle[1]) + (holder === undefined ? 0 : STEP / 2);
      if (!best || far < best.far) best = { far, column, row, holder };
    }
  const { column, row, holder } = best;
  if (holder !== undefined)
    dots.set(holder, dots.get(holder).filter(([x, y]) => x !== column || y !== row));
  owner.set(`${column},${row}`, code);
  add(code, column, row);
}

const every = [...dots].sort(([one], [other]) => (one < other ? -1 : 1));
const lines = every.map(([code, places]) => `  "${code}": "${places.map((at) => at.join(",")).join(" ")}"`);
console.log(`{\n${lines.join(",\n")}\n}`);
