import type { WorkflowHandle } from '@temporalio/client';
import { checkInvariants, type EndedSaga } from '../../services/invariants';
import { serviceNames } from '../../services/names';
import { fulfilment } from '../../services/order/fulfilment';
import { type Finding, SagaClient } from '../../src/client';
import { RecordsReader } from '../../src/participant';
import type { Placement } from '../../src/saga';
import { settingOf } from '../../src/worker';
import { orderOf } from '../services/shop';
import { startCommand } from '../support/command';
import { deleteWorkflow, localServer } from '../support/temporal';
import { until } from '../support/until';
import { Faults } from './faults';
import { openShopSystem, remainingActions, type ShopSystem } from './shop-system';

/** By default it is ten seconds. */
const TASK_TIMEOUT_MS = 3_000;
/** For so long a worker may go on with an express saga that has been terminated: an attempt that it has begun may take ten seconds. */
export const ACTING_MS = TASK_TIMEOUT_MS + 10_000;

/** A large order waits for a review, with three steps done. */
export const large = { lines: [{ sku: 'sku-laptop', quantity: 1 }] };

/** `participant/step` of each effect. */
export const effects = (finding: Finding | undefined) =>
  finding?.effects.map(({ participant, step }) => `${participant}/${step}`).sort();

/** A shop whose sagas come to harm, and who audits it. */
export class AuditedShop {
  /** How each saga has ended, for the invariants. */
  readonly ended: EndedSaga[] = [];

  private constructor(
    readonly system: ShopSystem,
    readonly faults: Faults,
    /** It knows the records. */
    readonly client: SagaClient,
  ) {}

  static async open(name: string): Promise<AuditedShop> {
    const faults = new Faults();
    const taskTimeout = `history.defaultWorkflowTaskTimeout="${TASK_TIMEOUT_MS / 1_000}s"`;
    const server = localServer(['--dynamic-config-value', taskTimeout]);
    const system = await openShopSystem(name, undefined, (shop) => faults.wrap(shop), server);
    const records = serviceNames.map((service) => new RecordsReader(service, system.shop.databases[service]));
    const client = new SagaClient(system.env.client, { records, rescueQueue: fulfilment.taskQueue });
    return new AuditedShop(system, faults, client);
  }

  async close(): Promise<void> {
    this.faults.releaseAll();
    await this.system.close();
  }

  /** What the records say. */
  async audit(options?: Parameters<SagaClient['audit']>[0]): Promise<Finding[]> {
    return await take(this.client.audit(options));
  }

  /** What the histories say alone. */
  async auditHistories(): Promise<Finding[]> {
    return await take(this.system.client.audit());
  }

  workflow(sagaId: string): WorkflowHandle {
    return this.system.env.client.workflow.getHandle(sagaId);
  }

  async start(order: ReturnType<typeof orderOf>): Promise<string> {
    return (await this.client.start(fulfilment, order)).sagaId;
  }

  /** A client that starts its sagas there; it knows no records. */
  placing(placement: Placement): SagaClient {
    return new SagaClient(this.system.env.client, { placements: { [fulfilment.workflow]: placement } });
  }

  /** Starts a large order, which waits for its review with three steps done. */
  async waiting(orderId: string): Promise<string> {
    const sagaId = await this.start(orderOf(orderId, large));
    await until(`${sagaId} to wait for its review`, async () => {
      const { steps } = await this.client.report(sagaId);
      return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
    });
    return sagaId;
  }

  async deleteWorkflow(sagaId: string): Promise<void> {
    await deleteWorkflow(this.system.env.client, sagaId);
  }

  /** Changes the rows of a saga in all four databases, as only an accident does. */
  async tamper(sql: string, ...values: unknown[]): Promise<void> {
    for (const service of serviceNames) await this.system.shop.databases[service].query(sql, values);
  }

  async remaining(sagaId: string): Promise<string[]> {
    return await remainingActions(this.system.shop, sagaId);
  }

  /** Notes that nothing of an order is left. */
  undone(orderId: string): void {
    this.ended.push({ orderId, workflowId: `order-${orderId}`, ended: 'compensated' });
  }

  /** Runs the command line of an installation that has this shop's servers. */
  async command(args: readonly string[], changed: Record<string, string> = {}) {
    const { shop, env } = this.system;
    const databases = serviceNames.map((service) => [settingOf(service, 'DATABASE_URL'), shop.urls[service]]);
    const { said, exited } = startCommand('cli', args, {
      ...process.env,
      ...(Object.fromEntries(databases) as Record<string, string>),
      TEMPORAL_ADDRESS: env.address,
      ...changed,
    });
    const code = await exited;
    const lines = said.out.split('\n').filter((line) => line !== '');
    return { code, lines: lines.map((line) => JSON.parse(line) as unknown), trouble: said.err };
  }

  /** The invariants that do not hold of all that has ended. */
  async violations() {
    return (await checkInvariants(this.system.shop.urls, this.ended)).filter(({ holds }) => !holds);
  }
}

async function take(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findings) found.push(finding);
  return found.sort((a, b) => a.sagaId.localeCompare(b.sagaId));
}
