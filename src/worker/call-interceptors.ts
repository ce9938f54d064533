import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
/** The type is a class; gRPC itself also takes objects with its interface. */
type Call = ReturnType<Interceptor>;

/** Of a gRPC status: the caller has given up. The SDK does not retry it. */
const CANCELLED = 1;

/**
 * Fails a call whose connection is closed. gRPC throws instead, and the SDK (1.24) repeats a call in a timer: there nobody could
 * catch it, and the process would end.
 */
const failWhenClosed: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    const details = `the connection is closed: ${(error as Error).message}`;
    const failed: ReturnType<typeof nextCall> = {
      start: (metadata, listener) => listener?.onReceiveStatus?.({ code: CANCELLED, details, metadata }),
      sendMessageWithContext: () => undefined,
      sendMessage: () => undefined,
      startRead: () => undefined,
      halfClose: () => undefined,
      cancelWithStatus: () => undefined,
      getPeer: () => 'none',
      getAuthContext: () => null,
    };
    return failed as Call;
  }
};

/** What a connection does with each call: the SDK's own retries, which end with the connection. */
export const callInterceptors: readonly Interceptor[] = [
  makeGrpcRetryInterceptor(defaultGrpcRetryOptions()),
  failWhenClosed,
];
