// The part of the one-machine settings that says who is told: subscribers of the alert topic.
import * as z from 'zod';

import { alertLevels } from '../../../lambdas/core/model/service.ts';
import { readFilterPolicy } from './filter-policy.ts';

/** The form of an endpoint, by protocol. */
export const endpointForms = {
  email: /^[^\s@]+@[^\s@]+$/,
  sms: /^\+[1-9]\d{6,14}$/,
  http: /^http:\/\/[^\s/]/,
  https: /^https:\/\/[^\s/]/,
  sqs: /^arn:aws[a-z-]*:sqs:/,
} as const;
export const protocols = ['email', 'sms', 'http', 'https', 'sqs'] as const;
export type Protocol = (typeof protocols)[number];

const subscriberSchema = z
  .strictObject({
    protocol: z.enum(['email', 'sms', 'http', 'https']),
    /** An address, a number like +4915112345678, or a URL. */
    endpoint: z.string(),
    /** An SNS filter policy on message attributes; without one everything is sent. */
    filterPolicy: z.record(z.string(), z.unknown()).optional(),
    /** Short for the filter policy `{ level: [...] }`. */
    levels: z.array(z.enum(alertLevels)).min(1).optional(),
  })
  .check(({ value, issues }) => {
    const fault = (path: string, message: string) =>
      issues.push({ code: 'custom', input: value, path: [path], message });
    if (!endpointForms[value.protocol].test(value.endpoint))
      fault('endpoint', `is no endpoint of protocol ${value.protocol}`);
    if (value.levels && value.filterPolicy && 'level' in value.filterPolicy)
      fault('levels', 'filterPolicy names the level already');
    try {
      readFilterPolicy(JSON.stringify(value.filterPolicy ?? {}), 'MessageAttributes');
    } catch (error) {
      fault('filterPolicy', error instanceof Error ? error.message : 'cannot be read');
    }
  });

export const snsConfigSchema = z.strictObject({ subscribers: z.array(subscriberSchema).default([]) });
type SnsConfig = z.infer<typeof snsConfigSchema>;
type Subscriber = SnsConfig['subscribers'][number];

/** A subscriber, or a queue of one-machine mode itself. */
export type Listener = Omit<Subscriber, 'protocol'> & Readonly<{ protocol: Protocol }>;

/** The filter policy, from either way of writing it; `undefined` if everything is wanted. */
export function policyOf({ filterPolicy, levels }: Listener): string | undefined {
  if (!filterPolicy && !levels) return undefined;
  return JSON.stringify({ ...filterPolicy, ...(levels && { level: levels }) });
}
