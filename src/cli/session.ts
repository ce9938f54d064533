import { SagaClient } from '../client';
import { connectClient, localTarget, targetFromSettings } from '../worker/temporal-connection';
import { CommandError } from './command-error';
import type { ConfiguredSaga, OpenRecords, UnwindConfig } from './config';
import type { Output } from './output';

/** What every command gets: clients of sagas, and where to print. */
export interface Session extends Output {
  /** How the command line is called, for the commands that it suggests. */
  readonly command: string;
  /** A setting from the environment; undefined if it is not set, or empty. */
  setting(name: string): string | undefined;
  client(): Promise<SagaClient>;
  /** A client for rescue and reverse. It reads the participants' records if the configuration names them. */
  rescuer(): Promise<SagaClient>;
  /** A client for the audit. @throws CommandError `RECORDS_UNKNOWN` when the configuration has records, and does not know where they are. */
  auditor(): Promise<SagaClient>;
  /** The sagas that the configuration names. */
  sagas(): Promise<readonly ConfiguredSaga[]>;
}

/** Clients of sagas that are opened when a command first needs them. */
export class Connections {
  private opened: Promise<SagaClient> | undefined;
  private openedRecords: Promise<OpenRecords | undefined> | undefined;

  constructor(
    private readonly config: UnwindConfig,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  async client(): Promise<SagaClient> {
    return await (this.opened ??= this.open());
  }

  async rescuer(): Promise<SagaClient> {
    const { temporal } = await this.client();
    const { rescueQueue } = this.config;
    const records = await this.records();
    return new SagaClient(temporal, {
      ...(records && { records: records.readers }),
      ...(rescueQueue !== undefined && { rescueQueue }),
    });
  }

  async auditor(): Promise<SagaClient> {
    if (!this.config.records || (await this.records())) return await this.rescuer();
    throw new CommandError(
      'RECORDS_UNKNOWN',
      'The audit needs the participants’ databases, and neither a setting nor a running installation names them.',
      'Set what the configuration reads to find them (docs/configuration.md).',
    );
  }

  async close(): Promise<void> {
    // What could not be opened is closed already.
    const [client, records] = await Promise.allSettled([this.opened, this.openedRecords]);
    if (client.status === 'fulfilled') await client.value?.temporal.connection.close();
    if (records.status === 'fulfilled') await records.value?.close();
  }

  private async records(): Promise<OpenRecords | undefined> {
    return await (this.openedRecords ??= this.config.records?.() ?? Promise.resolve(undefined));
  }

  private async open(): Promise<SagaClient> {
    const { connect, placements } = this.config;
    const { env } = this;
    const temporal = connect
      ? await connect()
      : await connectClient(targetFromSettings(env) ?? localTarget('127.0.0.1:7233', env));
    return new SagaClient(temporal, placements && { placements });
  }
}
