// The settings of alerts: who gets them, in which format, and which are sent together.
import * as z from 'zod';

import { alertFormats } from '../lambdas/contract/alert-formats.ts';
import { BUS_ARN, BUS_NAME } from '../lambdas/contract/event-bus.ts';
import { isTimeZone, TIME_OF_DAY } from '../lambdas/contract/quiet-hours.ts';
import { filterShape, isFilterable, levels, TOO_MANY } from './alert-filters.ts';
import { secretName } from './secret-name.ts';

export const email = z.email('must be an e-mail address such as ops@example.com');
const telephone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number such as +4915112345678');

/** A parameter of Parameter Store begins with a slash; anything else is the name of a secret in Secrets Manager. */
const receiverSecret = z.union(
  [
    secretName,
    z
      .string()
      .regex(/^\/(?!aws\/|ssm\/|lamplighter\/probe\/)[\w.-]+(\/[\w.-]+){0,14}$/)
      .max(500),
  ],
  'must be a secret such as lamplighter/alerts/chat, or a parameter such as /lamplighter/alerts/chat, not below lamplighter/probe/',
);
const webhookSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/, 'must be a name such as ops-chat')
      .max(30),
    format: z.enum(alertFormats),
    secret: receiverSecret,
    ...filterShape,
  })
  .refine(isFilterable, TOO_MANY);
export const webhooksSchema = z
  .array(webhookSchema)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names a receiver twice')
  .default([]);
export type WebhookSettings = z.infer<typeof webhookSchema>;

export const eventBusSchema = z.union(
  [z.string().regex(BUS_NAME), z.string().regex(BUS_ARN)],
  'must be the name of an event bus such as default, or the ARN of one',
);

const timeOfDay = z.string().regex(TIME_OF_DAY, 'must be a time of day such as "22:00"');
const quietHoursSchema = z
  .strictObject({
    from: timeOfDay,
    to: timeOfDay,
    timeZone: z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin'),
    levels: z
      .array(z.enum(['info', 'warning', 'error'], 'must be info, warning or error: what is critical never waits'))
      .min(1)
      .default(['info', 'warning']),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from `from`' });

/** Who gets alerts; without `levels`, all of them. A filter policy does the sorting. */
export const alertSettings = z
  .strictObject({
    email: z.array(z.strictObject({ address: email, ...filterShape }).refine(isFilterable, TOO_MANY)).default([]),
    sms: z
      .array(
        z
          .strictObject({ number: telephone, ...filterShape, levels: levels.default(['critical']) })
          .refine(isFilterable, TOO_MANY),
      )
      .default([]),
    https: z
      .array(z.strictObject({ url: z.url({ protocol: /^https$/ }), ...filterShape }).refine(isFilterable, TOO_MANY))
      .default([]),
    /** Who gets alerts that nobody has acknowledged, and no others. */
    escalation: z.strictObject({ email: z.array(email).default([]), sms: z.array(telephone).default([]) }).prefault({}),
    /** How long alerts of a project are collected after the first one. */
    groupSeconds: z.int().min(0).max(900).default(60),
    quietHours: quietHoursSchema.optional(),
    /** Receivers that a function of their own posts to, each in its format. */
    webhooks: webhooksSchema,
    /** Text messages in a UTC month; a message to several numbers counts once for each. */
    smsMonthlyLimit: z.int().min(0).max(1_000_000).default(100),
    /** An existing EventBridge bus that gets every alert and every state change. */
    eventBus: eventBusSchema.optional(),
  })
  .superRefine(({ email: mails, sms, escalation }, context) => {
    // SNS keeps one subscription for an address, with one filter.
    const known = [...mails.map(({ address }) => address), ...sms.map(({ number }) => number)];
    for (const way of ['email', 'sms'] as const)
      for (const [index, address] of escalation[way].entries())
        if (known.includes(address) || escalation[way].indexOf(address) !== index)
          context.addIssue({
            code: 'custom',
            path: ['escalation', way, index],
            message: 'is subscribed already: give another one, for an address gets its alerts by one filter',
          });
  })
  .prefault({});
