const { statSync } = require('node:fs');

/** Files that mostly wait, the longest first: last, they would leave the other workers of jest with nothing to do. */
const slowest = [
  'chaos/power-cut.full',
  'fulfilment/audit-terminated',
  'chaos/chaos.full',
  'saga/audit-completed',
  'saga/long',
  'platform/stack',
  'platform/backlog.full',
  'input/sizes',
  'package/pack.full',
  'testing/kit',
  'explorer/explorer',
].map((name) => `/test/${name}.test.ts`);

function rank({ path }) {
  const at = slowest.findIndex((end) => path.endsWith(end));
  return at === -1 ? slowest.length : at;
}

/** The order of test files: a jest sequencer. Without it a fresh clone runs them by their size. */
module.exports = class SlowestFirst {
  sort(tests) {
    const size = new Map(tests.map((test) => [test, statSync(test.path).size]));
    return tests.toSorted((a, b) => rank(a) - rank(b) || size.get(b) - size.get(a));
  }

  shard(tests, { shardIndex, shardCount }) {
    return tests.filter((_, at) => at % shardCount === shardIndex - 1);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order is the same each time.
  }
};
