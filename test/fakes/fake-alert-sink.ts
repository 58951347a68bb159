// A topic that takes every notice and keeps it.
import * as z from 'zod';

import type { AlertSink, Notice } from '../../lambdas/ports/alerts.ts';

const machineForm = z.object({ kind: z.string(), level: z.string(), deduplicationKey: z.string() });
export type Published = z.infer<typeof machineForm>;

/** `refuse` may reject a notice, as SNS would. */
export function fakeAlertSink(refuse: (notice: Notice) => boolean = () => false): AlertSink & {
  taken: Published[];
  kinds(): string[];
} {
  const taken: Published[] = [];
  return {
    taken,
    kinds: () => taken.map(({ kind }) => kind),
    publish: async (notice) => {
      if (refuse(notice)) throw new Error('SNS did not take it');
      taken.push(machineForm.parse(JSON.parse(notice.json)));
    },
  };
}
