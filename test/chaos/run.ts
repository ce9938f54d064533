import { runSupervised } from '../../dev/supervisor';
import { chaos } from './chaos';
import { type ChaosOptions, InvalidOption, readOptions } from './options';

/**
 * `npm run chaos -- --sagas N --seed S --faults LIST --style unwind|sample --no-pooler --home DIR --json`: runs the whole system under
 * faults and holds it against its promise. Exits with 1 on a violation, a lost saga, or when too little happened.
 */
const options = optionsOrRefusal(process.argv.slice(2));
if (options) void runSupervised((supervisor) => chaos(options, process.env, supervisor));

function optionsOrRefusal(args: readonly string[]): ChaosOptions | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}
