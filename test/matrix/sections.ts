import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Database } from '../../src/participant';
import { placements } from '../../src/saga';
import { type MatrixResult, runMatrix, SagaTestKit, type SagaUnderTest } from '../../src/testing';
import type { Supervisor } from '../../dev/supervisor';
import { localServer, timeSkippingServer } from '../support/temporal';
import { inputChanged } from './changed-input';
import { schemaChanged } from './changed-schema';
import { summed } from './summed';
import { runUndoCases } from './undo-cases';

/** A part of the matrix, with a kit of its own. */
export interface Section {
  readonly name: string;
  readonly run: () => Promise<MatrixResult>;
}

interface Surroundings {
  /** With the barrier's table. */
  readonly database: Database;
  readonly supervisor: Supervisor;
  readonly progress: (line: string) => void;
}

/** What a simulated matrix is given besides. */
interface Pairs {
  /** Pairs of faults, in each placement. */
  readonly pairs: number;
  readonly seed: number;
}

/** The matrix of a saga in a simulation. */
export function simulatedSectionsOf(
  saga: SagaUnderTest,
  { database, progress: onCase }: Surroundings,
  options: Pairs,
): readonly Section[] {
  const { workflow } = saga.definition;
  async function withKit<T>(workflows: string, work: (kit: SagaTestKit) => Promise<T>): Promise<T> {
    const kit = await SagaTestKit.start({ workflowsPath: require.resolve(workflows), sagas: [saga] });
    const result = await work(kit);
    await kit.stop();
    return result;
  }
  return [
    {
      name: `${workflow} in a simulation`,
      run: () =>
        withKit('./matrix-workflow', (kit) => runMatrix(kit, saga, { ...options, placements, onCase })),
    },
    {
      name: `${workflow} in a simulation, changes before an undo`,
      run: async () =>
        summed([
          await withKit('./matrix-workflow', (kit) =>
            runUndoCases(kit, saga, schemaChanged(database), onCase),
          ),
          await withKit('./changing-workflow', (kit) => runUndoCases(kit, saga, inputChanged(), onCase)),
        ]),
    },
  ];
}

/** How often a section is begun. */
const ATTEMPTS = 3;

/** The matrix of a saga on servers, in parts. */
export function sectionsOnServers(
  saga: SagaUnderTest,
  { database, supervisor, progress }: Surroundings,
): readonly Section[] {
  const { workflow } = saga.definition;
  const options = { onCase: progress };

  async function withKit<T>(
    env: TestWorkflowEnvironment,
    workflows: string,
    work: (kit: SagaTestKit) => Promise<T>,
  ) {
    const kit = await SagaTestKit.start({ env, workflowsPath: require.resolve(workflows), sagas: [saga] });
    const result = await work(kit);
    await kit.stop();
    return result;
  }

  async function onServer<T>(
    begin: () => Promise<TestWorkflowEnvironment>,
    work: (server: TestWorkflowEnvironment) => Promise<T>,
  ): Promise<T> {
    const server = await begin();
    let torn = false;
    supervisor.onStop('a test server', () => (torn ? undefined : server.teardown()));
    const result = await work(server);
    torn = true;
    await server.teardown();
    return result;
  }

  /** A test server loses a task at times; its clock stands still from then on, and what was run on it proves nothing. */
  async function whereTimeIsSkipped<T>(work: (server: TestWorkflowEnvironment) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await onServer(timeSkippingServer, work);
      } catch (error) {
        if (attempt === ATTEMPTS || !String(error).includes('the test server has lost')) throw error;
        progress(`${String(error)}: beginning again on another server`);
      }
    }
  }

  const realClock = () =>
    onServer(localServer, (server) =>
      withKit(server, './real-clock-workflow', (kit) =>
        runMatrix(kit, saga, { ...options, placements, concurrency: 16 }),
      ),
    );
  const undoFaults = () =>
    whereTimeIsSkipped(async (server) =>
      summed([
        await withKit(server, './matrix-workflow', (kit) =>
          runUndoCases(kit, saga, schemaChanged(database), progress),
        ),
        await withKit(server, './changing-workflow', (kit) =>
          runUndoCases(kit, saga, inputChanged(), progress),
        ),
      ]),
    );
  return [
    { name: `${workflow} on a real clock`, run: realClock },
    ...placements.map((placement) => ({
      name: `${workflow} where time is skipped, ${placement}`,
      run: () =>
        whereTimeIsSkipped((server) =>
          withKit(server, './matrix-workflow', (kit) =>
            runMatrix(kit, saga, { ...options, placements: [placement] }),
          ),
        ),
    })),
    { name: `${workflow}, changes before an undo`, run: undoFaults },
  ];
}
