// Where ECS and the registrations differ, as the newest run of discovery saw it.
import { driftView } from '../core/discovery/drift.ts';
import { ok, type Route } from './request.ts';

/**
 * `GET /drift`: from the table, without a call to ECS, so it may be some minutes old. Says so when discovery is off, or
 * has not run yet.
 */
export const getDrift: Route = async (_request, ports, signal) =>
  ok(driftView(await ports.drift.read(signal), ports.discoveryClusters, ports.clock.now()));
