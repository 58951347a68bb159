// The API as a person sees it, for stories of healing. A look is `undefined` when it is refused; a wish that is refused
// is told with its code.
import type { Event, View } from '../local/one-machine.ts';

export type RestartView = {
  phase: string;
  underWay: boolean;
  restartId?: string;
  acts?: { kind: string; state: string }[];
  activeRequests: number | null;
  outcome: string | null;
  failure: string | null;
  waitsFor: string | null;
};
export type Told = Event & { message: string; restartId?: string };
export type FleetView = { storms: { group: string; services: number; failing: number; endedAt: string | null }[] };

export type Answer = { status: number; code?: string | undefined; details?: unknown };

export function healingClient(url: string) {
  const look = async <T>(path: string): Promise<T | undefined> => {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    return response?.ok ? ((await response.json()) as T) : undefined;
  };
  const wish = async (method: string, path: string, body: object): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, { method, body: JSON.stringify(body) });
    const { error } = (await response.json()) as { error?: { code: string; details?: unknown } };
    return { status: response.status, ...error };
  };
  return {
    isUp: async () => (await look('/info')) !== undefined,
    service: (id: string) => look<View>(`/services/${id}`),
    restart: (id: string) => look<RestartView>(`/services/${id}/restart`),
    fleet: () => look<FleetView>('/fleet'),
    /** The timeline, the oldest first. */
    events: async (id: string) =>
      ((await look<{ events: Told[] }>(`/services/${id}/events?limit=200`))?.events ?? []).toReversed(),
    register: (id: string, document: object) => wish('PUT', `/services/${id}`, document),
    ask: (id: string, what: string, body: object) => wish('POST', `/services/${id}/${what}`, { user: 'ada', ...body }),
  };
}
