import type { ContenderResult } from './result';

const WIDTH = 760;
const ROW = 24;
const LABEL = 190;
const SCALE = 470;

/** Orders a second under load, as bars on a logarithmic scale: the peers differ by a hundred times. */
export function renderChart(contenders: Readonly<Record<string, ContenderResult>>): string {
  const bars = Object.entries(contenders).flatMap(([name, { samples }]) => {
    const level = Object.entries(samples.throughput).at(-1);
    return level ? [{ name, value: level[1].median }] : [];
  });
  const largest = Math.max(...bars.map(({ value }) => value));
  const length = (value: number) => Math.max(2, (SCALE * Math.log(value)) / Math.log(largest));
  const rows = bars.flatMap(({ name, value }, index) => {
    const y = 34 + index * ROW;
    const color = /^(participants|saga-queue|express|shop\/(saga|express))/.test(name)
      ? '#2563eb'
      : '#94a3b8';
    return [
      `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${name}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${length(value).toFixed(1)}" height="${ROW - 7}" fill="${color}"/>`,
      `<text x="${(LABEL + length(value) + 6).toFixed(1)}" y="${y + 13}">${value.toFixed(value < 100 ? 1 : 0)}</text>`,
    ];
  });
  const height = 44 + bars.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="20" font-size="14">Orders a second under load (logarithmic). Blue: Unwind</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
