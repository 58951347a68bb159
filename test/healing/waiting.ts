// What stories of healing wait for, each with a deadline and with what there was instead.
import { expect } from 'vitest';

import { eventually } from '../local/one-machine.ts';
import type { Scene } from './scene.ts';

const LONG_MS = 120_000;

/** Registers services and waits until all of them are healthy. */
export async function watch({ api }: Scene, documents: Record<string, object>): Promise<void> {
  for (const [id, document] of Object.entries(documents))
    expect(await api.register(id, document), id).toMatchObject({ status: 201 });
  for (const id of Object.keys(documents)) await untilHealth({ api }, id, 'healthy');
}

export async function untilHealth({ api }: Pick<Scene, 'api'>, id: string, health: string): Promise<void> {
  const isSo = async () => {
    const view = await api.service(id);
    return view?.health === health && (health !== 'healthy' || (view.incident === null && view.pendingIntents === 0));
  };
  await eventually(`${id} ${health}`, isSo, LONG_MS, async () => [await api.service(id), await kindsOf({ api }, id)]);
}

/** Waits for an event of the timeline. */
export const untilEvent = async ({ api }: Pick<Scene, 'api'>, id: string, kind: string) =>
  await eventually(
    `${kind} of ${id}`,
    async () => (await api.events(id)).find((event) => event.kind === kind),
    LONG_MS,
    async () => await kindsOf({ api }, id),
  );

/** Waits for an alert. */
export const untilTold = async ({ inbox }: Pick<Scene, 'inbox'>, kind: string, deadlineMs = LONG_MS) =>
  await eventually(
    `alert ${kind}`,
    () => inbox.alerts.find((alert) => alert.kind === kind),
    deadlineMs,
    () => inbox.alerts,
  );

export const kindsOf = async ({ api }: Pick<Scene, 'api'>, id: string) =>
  (await api.events(id)).map(({ kind }) => kind);

/** What people were told of, as `lamp unhealthy`; the fleet's own news have no service. Doubles of one alert once. */
export const toldOf = ({ inbox }: Pick<Scene, 'inbox'>) =>
  [...new Map(inbox.alerts.map((alert) => [alert.deduplicationKey, alert])).values()].map(
    ({ kind, service }: { kind: string; service: { id: string } | null }) => `${service?.id ?? 'fleet'} ${kind}`,
  );
