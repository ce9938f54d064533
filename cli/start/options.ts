import { join, resolve } from 'node:path';
import { projectRoot } from '../../dev/home';
import { rootCommand } from '../../src/cli';

/**
 * @property keep keep everything running until Ctrl-C.
 * @property orders the file of orders to place.
 * @property json print one JSON document instead of the table.
 */
export interface StartOptions {
  readonly keep: boolean;
  readonly orders: string;
  readonly json: boolean;
}

/** Parses the command line. Prints the help or the error and exits, as commander does. */
export function readOptions(argv: readonly string[]): StartOptions {
  const command = rootCommand('npm start --')
    .description(
      'Starts Temporal, PostgreSQL (unless settings name servers to use) and the workers; places orders; waits until ' +
        'each has ended or is stuck; checks that money and stock add up. Exits with 1 if a check fails or an order has not ended.',
    )
    .option('--keep', 'keep everything running until Ctrl-C', false)
    .option(
      '--orders <file>',
      'JSON file of orders to place',
      join(projectRoot, 'examples/orders/orders.json'),
    )
    .option('--json', 'print one JSON document on standard output instead of tables', false)
    .allowExcessArguments(false);
  const { keep, orders, json } = command.parse(argv).opts<StartOptions>();
  // npm changes to the project's directory; a relative path refers to the user's own.
  return { keep, orders: resolve(process.env.INIT_CWD ?? '.', orders), json };
}
