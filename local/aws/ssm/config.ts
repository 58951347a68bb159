// The settings of the hosts of one-machine mode. All of them are this machine; how their agents behave can be chosen
// here, so that faults of real hosts can be tried out.
import * as z from 'zod';

export const ssmConfigSchema = z.strictObject({
  instances: z
    .array(
      z.strictObject({
        id: z.string().regex(/^(i|mi)-[0-9a-f]{1,17}$/, 'must be an instance id such as i-0abc'),
        platform: z.literal('Linux').default('Linux'),
        pingStatus: z.enum(['Online', 'ConnectionLost']).default('Online'),
        /** `delayed`: the agent fetches the command 2 s late; `delivery-timed-out`: it never does. */
        delivery: z.enum(['ok', 'undeliverable', 'delivery-timed-out', 'delayed']).default('ok'),
        /** From 3.3.2746.0 an agent passes parameters as environment variables; an older one replaces text. */
        agentVersion: z
          .string()
          .regex(/^\d+(\.\d+){1,3}$/)
          .default('3.3.2746.0'),
      }),
    )
    .max(50)
    .default([]),
  /** A folder with further documents: one JSON file for each, named `<document>.json`. */
  documents: z.string().min(1).optional(),
  /** The content of Parameter Store and, through `/aws/reference/secretsmanager/…`, of Secrets Manager. */
  parameters: z.record(z.string().min(1).max(1_011), z.string().min(1).max(4_096)).default({}),
});
export type SsmConfig = Readonly<z.infer<typeof ssmConfigSchema>>;
export type LocalInstance = SsmConfig['instances'][number];
