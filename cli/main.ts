import { runCommandLine } from '../src/cli';
import { serviceDatabases, temporalTarget } from '../dev/running';
import { openServiceRecords } from '../dev/service-records';
import { fulfilment } from '../services/order/fulfilment';
import { orderRequest } from '../services/order/schema';
import { connectClient, readPlacements } from '../src/worker';
import { catalogue } from './error-catalogue/catalogue';
import { addOrderCommands } from './order/commands';

const { env } = process;

/** `npm run unwind -- …`: the commands for any saga, and those for orders. */
void runCommandLine(process.argv, env, {
  command: 'npm run unwind --',
  description:
    'Starts, shows and steers the sagas of the demo. Connects to TEMPORAL_ADDRESS, otherwise to the server that npm start runs.',
  config: {
    sagas: [{ definition: fulfilment, input: orderRequest }],
    placements: readPlacements(env),
    rescueQueue: fulfilment.taskQueue,
    connect: async () => await connectClient(await temporalTarget(env)),
    records: async () => {
      const databases = await serviceDatabases(env);
      return databases && (await openServiceRecords(databases));
    },
  },
  catalogue,
  extend: addOrderCommands,
});
