// The fleet as a whole, and Lamplighter itself: its switches, its health, its build.
import type { ShardCount } from '../contract/messages.ts';
import { decode } from '../core/faults.ts';
import { healths, runningRestart } from '../core/state.ts';
import { readFleet } from './looking.ts';
import { openapiDocument } from './openapi.ts';
import { type ApiPorts, invalid, ok, type Route } from './request.ts';
import { fleetBody } from './schemas.ts';

/** One round may be skipped, two in a row are no accident. */
const GRACE_MS = 120_000;
const MINUTE_MS = 60_000;

/** `GET /fleet`: how many services are in which health, and the switches. */
export const getFleet: Route = async (_request, ports, signal) => {
  const [services, control] = await Promise.all([readFleet(ports, signal), ports.fleet.control(signal)]);
  const byHealth = Object.fromEntries(
    healths.map((health) => [health, services.filter(({ state }) => state.health === health).length]),
  );
  return ok({
    services: services.length,
    byHealth,
    restartsUnderWay: services.filter(({ state }) => runningRestart(state)).length,
    openIncidents: services.filter(({ state }) => state.incident).length,
    control: {
      ...control,
      changedAt: control.changedAt === undefined ? null : new Date(control.changedAt).toISOString(),
    },
  });
};

/** `PUT /fleet`: switches automatic restarts for everyone; people may still ask for one. */
export const putFleet: Route = async (request, ports, signal) => {
  const body = decode(fleetBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { restartsOn, user, reason } = body.value;
  const control = { restartsOn, changedBy: user, reason, changedAt: ports.clock.now() };
  await ports.fleet.saveControl(control, signal);
  ports.log.info(`automatic restarts switched ${restartsOn ? 'on' : 'off'}`, {
    by: user,
    caller: request.caller,
    reason,
    correlationId: request.correlationId,
  });
  return ok({ ...control, changedAt: new Date(control.changedAt).toISOString() });
};

/** `GET /health`: 200 while rounds run, 503 when they have stopped. Read from the packed rows; causes no probe. */
export const getHealth: Route = async (_request, ports, signal) => {
  const counts = (await ports.fleet.counts(signal)).filter(({ services }) => services > 0);
  const rows = (await Promise.all(counts.map(({ shard }) => ports.results.rows({ shard, limit: 1 }, signal)))).flat();
  const newest = rows.reduce((latest, row) => Math.max(latest, row.beat), 0);
  const due = rows.reduce((sum, row) => sum + row.due, 0);
  const checked = rows.reduce((sum, row) => sum + row.checked, 0);
  const services = counts.reduce((sum, count) => sum + count.services, 0);
  const lastSign = newest > 0 ? newest : await firstRegistration(counts, ports, signal);
  // Rows are written when something is due; a fleet of hourly checks is quiet for an hour.
  const quietMs = Math.max(MINUTE_MS, Math.min(...counts.map(({ fastestSeconds }) => fastestSeconds * 1000)));
  const isRunning = ports.clock.now() - lastSign < quietMs + GRACE_MS;
  const status = services === 0 ? 'idle' : !isRunning ? 'rounds_stopped' : newest === 0 ? 'starting' : 'ok';
  return ok(
    {
      status,
      services,
      lastRoundAt: newest === 0 ? null : new Date(newest).toISOString(),
      latenessMs: rows.length === 0 ? null : Math.max(...rows.map(({ startedAt, beat }) => startedAt - beat)),
      coverage: due === 0 ? null : checked / due,
    },
    status === 'rounds_stopped' ? 503 : 200,
  );
};

/** Since when rounds are owed: the oldest registration of a shard that has no row yet. */
async function firstRegistration(counts: readonly ShardCount[], ports: ApiPorts, signal: AbortSignal): Promise<number> {
  const [first] = counts;
  if (!first) return ports.clock.now();
  const { services } = await ports.services.readShard(first.shard, signal);
  return Math.min(ports.clock.now(), ...services.map(({ registeredAt }) => registeredAt));
}

/** `GET /info`: which Lamplighter this is. */
export const getInfo: Route = (_request, ports) => Promise.resolve(ok({ name: 'lamplighter', ...ports.build }));

/** `GET /openapi.json`: the contract, generated from the schemas that decode the requests. */
export const getOpenapi: Route = (_request, ports) => Promise.resolve(ok(openapiDocument(ports.build.version)));
