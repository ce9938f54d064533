import type { temporal } from '@temporalio/proto';
import type { Execution } from './execution';
import { grpcError, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, FAILED_PRECONDITION } from './grpc-error';
import type { TemporalLimits } from './limits';
import { payloadMapBytes, payloadsBytes } from './sizes';

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Refuses what clients send and a server does not take. Every method throws what a client gets then. */
export class RequestLimits {
  constructor(private readonly limits: TemporalLimits) {}

  /** What is given to a workflow: by its start, a signal or a query. An Update's argument has only gRPC's limit. */
  checkInput(input: Payloads): void {
    const bytes = payloadsBytes(input?.payloads);
    this.checkMessage(bytes);
    if (bytes > this.limits.blobBytes) throw grpcError(INVALID_ARGUMENT, BLOB_TOO_LARGE);
  }

  checkMemo(memo: temporal.api.common.v1.IMemo | null | undefined): void {
    const bytes = payloadMapBytes(memo?.fields);
    this.checkMessage(bytes);
    if (bytes > this.limits.memoBytes) throw grpcError(INVALID_ARGUMENT, 'Memo size exceeds limit.');
  }

  /** @returns why a client does not get the answer of a query */
  refusalOfAnswer(result: temporal.api.common.v1.IPayload | undefined): string | undefined {
    return result && payloadsBytes([result]) > this.limits.blobBytes ? BLOB_TOO_LARGE : undefined;
  }

  checkSignals({ history }: Execution): void {
    const { signals } = this.limits;
    // Their events are at least as many as the signals: mostly that is all there is to know.
    if (history.length < signals) return;
    const count = history.events.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
    if (count >= signals)
      throw grpcError(INVALID_ARGUMENT, 'exceeded workflow execution limit for signal events');
  }

  /** @param id of an Update: one that is known is not refused. */
  checkUpdate({ updates }: Execution, id: string, input: Payloads): void {
    this.checkMessage(payloadsBytes(input?.payloads));
    if (updates.has(id)) return;
    const { updatesInFlight, updatesInTotal } = this.limits;
    const open = [...updates.values()].filter(({ outcome }) => !outcome).length;
    if (open >= updatesInFlight)
      throw grpcError(
        RESOURCE_EXHAUSTED,
        `limit on number of concurrent in-flight updates has been reached (${updatesInFlight})`,
      );
    // A rejected one is forgotten.
    const counted = [...updates.values()].filter(
      ({ accepted, outcome }) => !outcome || accepted !== undefined,
    );
    if (counted.length >= updatesInTotal)
      throw grpcError(
        FAILED_PRECONDITION,
        `The limit on the total number of distinct updates in this workflow has been reached (${updatesInTotal}). Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates that you aren't going to process. You can also Continue-as-New to avoid this; we recommend you check Continue-as-New Suggested in your Workflow.`,
      );
  }

  private checkMessage(bytes: number): void {
    const { messageBytes } = this.limits;
    if (bytes > messageBytes)
      throw grpcError(
        RESOURCE_EXHAUSTED,
        `grpc: received message larger than max (${bytes} vs. ${messageBytes})`,
      );
  }
}

const BLOB_TOO_LARGE = 'Blob data size exceeds limit.';
