import { runWorkers } from '../../src/worker';
import { programSaga } from '../saga/program-workflow';

/**
 * `bundle-worker.ts [bundle]`: an orchestrator whose own workflows are none, so a saga runs only if they come from a bundle; with an
 * argument, its definition names the bundle.
 */
const [codePath] = process.argv.slice(2);
const common = { kind: 'orchestrator', taskQueue: programSaga.taskQueue, participants: [] } as const;

void runWorkers(
  codePath === undefined
    ? { ...common, workflowsPath: require.resolve('../support/no-workflows') }
    : { ...common, workflowBundle: { codePath } },
);
