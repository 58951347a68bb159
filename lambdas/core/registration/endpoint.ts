// Which listener of an application load balancer is used to probe a service behind it.

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
 * A listener that leads to the target group by default is the best; if only rules lead there, any may be the right one.
 * One that only redirects comes last, HTTPS before HTTP, and otherwise the lower port. `undefined`: there is no
 * listener.
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
