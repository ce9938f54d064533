/**
 * Runs one model many times in one process: `node quint-process.mjs FILE RUNS`. Reading a model takes longer than most
 * runs do, and quint's command line reads it for each. The last line is how each run ended, as JSON.
 */
import commands from '@informalsystems/quint/dist/src/cliCommands.js';

const [input, runs] = process.argv.slice(2);

function valueOf(either) {
  if (either.isRight()) return either.value;
  throw new Error(`${either.value.msg}\n${JSON.stringify(either.value.stage.errors, undefined, 2)}`);
}

const loaded = valueOf(await commands.load({ input }));
const model = valueOf(await commands.typecheck(valueOf(await commands.parse(loaded))));
const ends = [];
for (const { seed, ...run } of JSON.parse(runs)) {
  const args = {
    // The other backend is downloaded.
    ...{ input, init: 'init', step: 'step', witnesses: [], backend: 'typescript' },
    ...run,
    seed: BigInt(seed),
  };
  const ended = await commands.runSimulator({ ...model, args });
  ends.push(ended.isRight() ? ended.value.status : ended.value.stage.status);
}
process.stdout.write(`${JSON.stringify(ends)}\n`);
