// The fleet as a whole, and Lamplighter itself: its switches, its health, its build.
import { decode } from '../core/faults.ts';
import { sumHeldBack } from '../core/health/held-back.ts';
import { healths } from '../core/model/conditions.ts';
import { runningRestart } from '../core/model/state.ts';
import { asLookedAt } from '../core/rounds/shard-count.ts';
import { readFleet } from '../flow/read-fleet.ts';
import { byWhom } from './asking.ts';
import { groupingView, restartsView, stormView } from './fleet-view.ts';
import { openapiDocument } from './openapi.ts';
import { invalid, ok, type Route } from './request.ts';
import { roundsOf } from './rounds.ts';
import { fleetBody } from './schemas.ts';

/** `GET /fleet`: how many services are in which health, the switches, the storms, and the restarts under way. */
export const getFleet: Route = async (_request, ports, signal) => {
  const [services, control, { storms, slots }, windows] = await Promise.all([
    readFleet(ports, signal),
    ports.fleet.control(signal),
    ports.fleet.overview(signal),
    ports.windows.all(signal),
  ]);
  const byHealth = Object.fromEntries(
    healths.map((health) => [health, services.filter(({ state }) => state.health === health).length]),
  );
  return ok({
    services: services.length,
    byHealth,
    restartsUnderWay: services.filter(({ state }) => runningRestart(state)).length,
    openIncidents: services.filter(({ state }) => state.incident).length,
    alerts: { heldBack: sumHeldBack(services.map(({ state }) => state.heldBack)) },
    storms: storms.storms.map(stormView),
    restarts: restartsView(services, slots, ports.maxRestarts),
    grouped: groupingView(windows),
    control: {
      ...control,
      changedAt: control.changedAt === undefined ? null : new Date(control.changedAt).toISOString(),
    },
  });
};

/**
 * `PUT /fleet`: switches automatic restarts for the whole fleet, and the storm guard; people may still order restarts.
 */
export const putFleet: Route = async (request, ports, signal) => {
  const body = decode(fleetBody, request.body ?? {});
  if (body.kind === 'faulty') return invalid(body.faults);
  const { restartsOn, user, reason } = body.value;
  const stormGuard = body.value.stormGuard ?? (await ports.fleet.control(signal)).stormGuard;
  const control = { restartsOn, stormGuard, changedBy: byWhom(request, user), reason, changedAt: ports.clock.now() };
  await ports.fleet.saveControl(control, signal);
  const guard = stormGuard === false ? '; the storm guard is open' : '';
  ports.log.info(`automatic restarts switched ${restartsOn ? 'on' : 'off'}${guard}`, {
    by: user,
    caller: request.caller,
    reason,
    correlationId: request.correlationId,
  });
  return ok({ ...control, changedAt: new Date(control.changedAt).toISOString() });
};

/**
 * `GET /health`: 200 while rounds run, 503 when they have stopped. Read from the packed rows; causes no probe. With
 * several probers, the one that is furthest behind counts.
 */
export const getHealth: Route = async (_request, ports, signal) => {
  const { networks } = ports.limits;
  const filled = (await ports.fleet.counts(signal)).filter(({ services }) => services > 0);
  const counts = filled.map((count) => asLookedAt(count, networks));
  const services = counts.reduce((sum, count) => sum + count.services, 0);
  const probers = (await Promise.all(networks.map((network) => roundsOf(network, counts, ports, signal)))).filter(
    (rounds) => rounds !== undefined,
  );
  const rows = probers.flatMap((rounds) => rounds.rows);
  const due = rows.reduce((sum, row) => sum + row.due, 0);
  const checked = rows.reduce((sum, row) => sum + row.checked, 0);
  const lastRound = probers.length === 0 ? 0 : Math.min(...probers.map(({ newest }) => newest));
  const haveStopped = probers.some((rounds) => rounds.haveStopped);
  const status = services === 0 ? 'idle' : haveStopped ? 'rounds_stopped' : lastRound === 0 ? 'starting' : 'ok';
  return ok(
    {
      status,
      services,
      lastRoundAt: lastRound === 0 ? null : new Date(lastRound).toISOString(),
      latenessMs: rows.length === 0 ? null : Math.max(...rows.map(({ startedAt, beat }) => startedAt - beat)),
      coverage: due === 0 ? null : checked / due,
    },
    haveStopped ? 503 : 200,
  );
};

/** `GET /info`: version and build. */
export const getInfo: Route = (_request, ports) => Promise.resolve(ok({ name: 'lamplighter', ...ports.build }));

/** `GET /openapi.json`: generated from the schemas that decode the requests. */
export const getOpenapi: Route = (_request, ports) => Promise.resolve(ok(openapiDocument(ports.build.version)));
