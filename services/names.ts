/** The shop's services, in the order in which an order meets them. */
export const serviceNames = ['order', 'payment', 'inventory', 'shipping'] as const;

export type ServiceName = (typeof serviceNames)[number];

/** The kinds of worker processes that the shop runs. */
export const workerKinds = ['orchestrator', ...serviceNames] as const;

export type WorkerKind = (typeof workerKinds)[number];

/** One database URL per service, each with that service's own role. */
export type ServiceUrls = Readonly<Record<ServiceName, string>>;
