// Through which door of an application load balancer a service behind it is asked.

/** Where the load balancer in front of a target group answers, e.g. `https://prod-1.elb.amazonaws.com`. */
export type Endpoint = Readonly<{
  origin: string;
  /** It has private addresses only. */
  isInternal: boolean;
}>;
export type Listener = Readonly<{
  /** HTTP or HTTPS. */
  protocol: string;
  port: number;
  /** Target groups that it leads to when none of its rules says otherwise. */
  leadsTo: readonly string[];
  isRedirect: boolean;
}>;

const usualPorts: Readonly<Record<string, number>> = { HTTP: 80, HTTPS: 443 };

/**
 * A listener that leads to the target group by default is the best; behind rules any may be the right one. What only
 * redirects comes last, HTTPS comes before HTTP, and of two alike the lower port. `undefined`: nobody listens.
 */
export function endpointOf(
  balancer: Readonly<{ dnsName: string; isInternal: boolean }>,
  listeners: readonly Listener[],
  targetGroup: string,
): Endpoint | undefined {
  const isElsewhere = ({ leadsTo }: Listener) => !leadsTo.includes(targetGroup);
  const [best] = listeners
    .filter(({ protocol }) => Object.hasOwn(usualPorts, protocol))
    .toSorted(
      (a, b) =>
        Number(isElsewhere(a)) - Number(isElsewhere(b)) ||
        Number(a.isRedirect) - Number(b.isRedirect) ||
        Number(a.protocol === 'HTTP') - Number(b.protocol === 'HTTP') ||
        a.port - b.port,
    );
  if (!best) return undefined;
  const { protocol, port } = best;
  const suffix = port === usualPorts[protocol] ? '' : `:${port}`;
  return { origin: `${protocol.toLowerCase()}://${balancer.dnsName}${suffix}`, isInternal: balancer.isInternal };
}
