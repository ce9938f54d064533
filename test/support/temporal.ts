import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Client, ConnectionPlugin } from '@temporalio/client';
import { addSearchAttributes } from '../../dev/register-search-attributes';
import { serverFlags } from '../../dev/temporal-server';
import { callInterceptors } from '../../src/worker/call-interceptors';
import { required } from './required';
import { until } from './until';

// Most tests make activities fail on purpose: their stacks would bury what a failing test says.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  // What the SDK's core says goes to that logger too, instead of standard output.
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});

/** What a test still waits for when it closes its connection fails, and not the file that runs after it. */
export const plugins: ConnectionPlugin[] = [
  {
    name: 'calls',
    configureConnection: (options) => ({ ...options, interceptors: [...callInterceptors] }),
  },
];

/** By default a workflow that continues as new within a second of its start waits for the rest of the second. */
const continuesAtOnce = ['--dynamic-config-value', 'history.workflowIdReuseMinimalInterval="0s"'];

/**
 * A Temporal development server of its own, in memory. The caller tears it down.
 * @param flags further arguments of the server.
 * @param uiPort where it serves the Web UI. @default nowhere
 */
export function localServer(
  flags: readonly string[] = [],
  uiPort?: number,
): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    plugins,
    server: {
      executable: { type: 'existing-path', path: required('UNWIND_TEMPORAL_CLI') },
      log: { format: 'pretty', level: 'error' },
      ...(uiPort !== undefined && { ui: true, uiPort }),
      extraArgs: [...serverFlags, ...continuesAtOnce, ...flags],
    },
  });
}

/** A server whose clock jumps ahead while workflows only wait. The caller tears it down. */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    plugins,
    server: { executable: { type: 'existing-path', path: required('UNWIND_TEST_SERVER') } },
  });
  // Without them the server rejects the first workflow task for ever, and the test hangs.
  await addSearchAttributes(environment.client);
  return environment;
}

/** Deletes a workflow with its history, and waits until the server has done so. */
export async function deleteWorkflow(client: Client, workflowId: string): Promise<void> {
  const { workflowService, options } = client;
  await workflowService.deleteWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId },
  });
  const isGone = () =>
    client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => false,
        () => true,
      );
  await until(`${workflowId} is deleted`, isGone);
}
