import type { z } from 'zod';
import type { SagaClientOptions, SagaRecords } from '../client';
import type { SagaDefinition } from '../saga';
import type { Client } from '@temporalio/client';

/** A saga that the command line can start. */
export interface ConfiguredSaga {
  // Methods of a definition take its own input: no other type holds every definition.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly definition: SagaDefinition<any, unknown>;
  /** Checks an input before the saga is started. Without it, any JSON is sent. */
  readonly input?: z.ZodType;
}

/** What the participants' databases know of sagas, and how to let go of them. */
export interface OpenRecords {
  readonly readers: readonly SagaRecords[];
  close(): Promise<void>;
}

/**
 * What the command line knows of a project: `unwind.config.ts`, `.mts`, `.cts`, `.js`, `.mjs` or `.cjs`, as its default export.
 * Everything is optional. Without a file, the command line finds sagas by their search attributes.
 */
export interface UnwindConfig extends Pick<SagaClientOptions, 'placements' | 'rescueQueue'> {
  readonly sagas?: readonly ConfiguredSaga[];
  /**
   * A client of the server and namespace, with the data converter of the project; the command line closes its connection.
   * @default the server that the `TEMPORAL_*` settings name, otherwise 127.0.0.1:7233
   */
  readonly connect?: () => Promise<Client>;
  /** Opens the records of the participants, for `audit`, `rescue` and `reverse`; undefined when it is not known where they are. */
  readonly records?: () => Promise<OpenRecords | undefined>;
}

/** Declares the configuration of the command line. */
export function defineConfig(config: UnwindConfig): UnwindConfig {
  return config;
}
