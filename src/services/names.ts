/** The shop's services, in the order in which an order meets them. */
export const serviceNames = ['order', 'payment', 'inventory', 'shipping'] as const;

export type ServiceName = (typeof serviceNames)[number];

/** One database URL per service, each with that service's own role. */
export type ServiceUrls = Readonly<Record<ServiceName, string>>;
