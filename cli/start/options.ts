import { join, resolve } from 'node:path';
import { projectRoot } from '../../dev/home';
import { rootCommand } from '../root-command';

/**
 * @property keep leave everything running until Ctrl-C.
 * @property orders the file of orders to place.
 * @property json print one JSON document instead of the table.
 */
export interface StartOptions {
  readonly keep: boolean;
  readonly orders: string;
  readonly json: boolean;
}

/** Parses the command line; prints the help or what is wrong with it, and exits, as commander does. */
export function readOptions(argv: readonly string[]): StartOptions {
  const command = rootCommand('npm start --')
    .description(
      'Brings up Temporal, Postgres and the workers (whatever the settings do not point at), places orders, waits ' +
        'until each has ended, and checks that money and stock add up. Exits with 1 when they do not.',
    )
    .option('--keep', 'leave everything running until Ctrl-C', false)
    .option('--orders <file>', 'the orders to place', join(projectRoot, 'examples/orders/orders.json'))
    .option('--json', 'print one JSON document on standard output instead of the table', false)
    .allowExcessArguments(false);
  const { keep, orders, json } = command.parse(argv).opts<StartOptions>();
  // npm runs scripts in the project's directory; a relative path is meant from where the user stands.
  return { keep, orders: resolve(process.env.INIT_CWD ?? '.', orders), json };
}
