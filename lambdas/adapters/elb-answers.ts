// The parts of the load balancers' answers that discovery relies on; everything else in them is ignored.
import * as z from 'zod/mini';

import type { Listener } from '../core/registration/endpoint.ts';

/** One page, with the marker of the next one. */
export type Page<T> = { items: readonly T[]; next: string | undefined };

const strings = z._default(z.array(z.string()), []);
const NextMarker = z.optional(z.string());

const groupsAnswer = z.object({
  NextMarker,
  TargetGroups: z._default(z.array(z.object({ TargetGroupArn: z.string(), LoadBalancerArns: strings })), []),
});
type TargetGroup = Readonly<{ arn: string; balancers: readonly string[] }>;

export function toTargetGroups(answer: unknown): Page<TargetGroup> {
  const { TargetGroups, NextMarker: next } = groupsAnswer.parse(answer);
  return {
    items: TargetGroups.map(({ TargetGroupArn, LoadBalancerArns }) => ({
      arn: TargetGroupArn,
      balancers: LoadBalancerArns,
    })),
    next,
  };
}

const balancersAnswer = z.object({
  NextMarker,
  LoadBalancers: z._default(
    z.array(
      z.object({
        LoadBalancerArn: z.string(),
        DNSName: z.string(),
        /** application, network or gateway. */
        Type: z.optional(z.string()),
        /** internet-facing or internal. */
        Scheme: z.optional(z.string()),
      }),
    ),
    [],
  ),
});
type Balancer = Readonly<{ arn: string; dnsName: string; isInternal: boolean }>;

/** Only the application load balancers. */
export function toBalancers(answer: unknown): Page<Balancer> {
  const { LoadBalancers, NextMarker: next } = balancersAnswer.parse(answer);
  return {
    items: LoadBalancers.filter(({ Type }) => Type === 'application').map(({ LoadBalancerArn, DNSName, Scheme }) => ({
      ...{ arn: LoadBalancerArn, dnsName: DNSName, isInternal: Scheme === 'internal' },
    })),
    next,
  };
}

const group = z.object({ TargetGroupArn: z.optional(z.string()) });
const listenersAnswer = z.object({
  NextMarker,
  Listeners: z._default(
    z.array(
      z.object({
        Protocol: z._default(z.string(), ''),
        Port: z._default(z.number(), 0),
        DefaultActions: z._default(
          z.array(
            z.object({
              Type: z.optional(z.string()),
              TargetGroupArn: z.optional(z.string()),
              ForwardConfig: z.optional(z.object({ TargetGroups: z._default(z.array(group), []) })),
            }),
          ),
          [],
        ),
      }),
    ),
    [],
  ),
});

export function toListeners(answer: unknown): Page<Listener> {
  const { Listeners, NextMarker: next } = listenersAnswer.parse(answer);
  return {
    items: Listeners.map(({ Protocol, Port, DefaultActions }) => ({
      protocol: Protocol,
      port: Port,
      leadsTo: DefaultActions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
        ...(TargetGroupArn === undefined ? [] : [TargetGroupArn]),
        ...(ForwardConfig?.TargetGroups ?? []).flatMap((one) => one.TargetGroupArn ?? []),
      ]),
      isRedirect: DefaultActions.some(({ Type }) => Type === 'redirect'),
    })),
    next,
  };
}
