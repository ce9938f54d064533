import type { Transaction } from '../../src/participant';
import type { QueryAnswer } from '../../src/participant/connections';
import type { Statement } from '../../src/participant/literals';

/** Sends one query, and waits for its answer. @throws what has the SQLSTATE as its `code` */
export type Send = (text: string, values?: readonly unknown[]) => Promise<QueryAnswer>;

/** How a session sends one query, and several statements in one message, each of which has its answer. */
export interface Sender {
  readonly send: Send;
  readonly sendTogether: (statements: readonly Statement[]) => Promise<readonly QueryAnswer[]>;
}

/** What a session does next. */
export interface Work {
  readonly name: string;
  readonly run: (send: Send, sendTogether: Sender['sendTogether']) => Promise<unknown>;
}

/**
 * A step of a script: one session goes on with its work, as far as it is not busy with what came before; its server ends it; or what it
 * does is waited for.
 */
export type Step = { readonly session: string } & (
  { readonly work: Work } | { readonly terminate: true } | { readonly settle: true }
);

/** A script with several sessions, run step by step: each step has all its consequences before the next one. */
export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What must be in its log, on both: else it shows nothing. */
  readonly shows?: readonly string[];
  /** Sessions with a server that takes no writes. */
  readonly readOnly?: readonly string[];
}

/** Sessions of one server. */
export interface ScriptedServer {
  open(session: string, isReadOnly: boolean): Promise<Sender>;
  terminate(session: string): Promise<void>;
  /** Waits until everything that is under way waits for a lock, or is over. */
  quiet(underWay: () => readonly string[]): Promise<void>;
  /** Lets time pass until something holds. */
  until(holds: () => boolean): Promise<void>;
  /** The session for which a session waits. */
  blockerOf(session: string): Promise<string | undefined>;
  /** All that is committed. */
  rows(): Promise<unknown>;
}

/** Runs a script, and then what is left of the work. @returns for each step what has come of it, and in the end what is committed. */
export async function runScript(
  server: ScriptedServer,
  { steps, readOnly = [] }: Script,
): Promise<unknown[]> {
  const names = [...new Set(steps.map(({ session }) => session))].sort();
  const senders = new Map<string, Sender>();
  for (const name of names) senders.set(name, await server.open(name, readOnly.includes(name)));
  const backlog = new Map(names.map((name): [string, Work[]] => [name, []]));
  const busy = new Set<string>();
  let ended: string[] = [];
  const log: unknown[] = [];
  const begin = (session: string): string => {
    const work = busy.has(session) ? undefined : backlog.get(session)?.shift();
    if (!work) return `${session} is busy`;
    busy.add(session);
    const { send, sendTogether } = senders.get(session) as Sender;
    void work
      .run(send, sendTogether)
      .then((result) => JSON.stringify(result), codeOf)
      .then((what) => {
        busy.delete(session);
        ended.push(`${session}: ${what}`);
      });
    return `${session} ${work.name}`;
  };
  const finish = async (did: string) => {
    await server.quiet(() => [...busy]);
    const waits: string[] = [];
    for (const name of [...busy].sort()) waits.push(`${name} waits for ${await server.blockerOf(name)}`);
    log.push([did, ...ended.sort(), ...waits]);
    ended = [];
  };
  const settle = async (session: string) => {
    await server.until(() => !busy.has(session));
    return `${session} is waited for`;
  };
  for (const step of steps) {
    const { session } = step;
    if ('work' in step) {
      backlog.get(session)?.push(step.work);
      await finish(begin(session));
    } else if ('settle' in step) await finish(await settle(session));
    else {
      await server.terminate(session);
      await finish(`${session} is ended`);
    }
  }
  for (;;) {
    const left = names.find((name) => !busy.has(name) && (backlog.get(name)?.length ?? 0) > 0);
    const [waiting] = [...busy].sort();
    if (left !== undefined) await finish(begin(left));
    else if (waiting !== undefined) await finish(await settle(waiting));
    else return [...log, await server.rows()];
  }
}

function codeOf(error: unknown): string {
  return `fails with ${(error as { readonly code?: string }).code ?? String(error)}`;
}

/** As the barrier gets it. */
export function transactionOf(send: Send): Transaction {
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => (await send(text, values)).rows as Row[],
  };
}
