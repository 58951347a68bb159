// What an outage means for the services that depend on it: its alert names those that are held because of it, and
// people are warned about those that can work without it (requirement M1).
import type { Intent } from '../core/model/intents.ts';
import { type Cause, changeKnown, type ChangePorts, leftToRounds } from '../flow/change-service.ts';
import { type DependentPorts, dependentsOf } from '../flow/dependents.ts';
import type { Stored } from '../ports/service-store.ts';

/** The most dependents that are warned or named; nobody reads a longer list. */
const MOST = 100;
const NAMED = 10;

type TellPorts = ChangePorts & DependentPorts;

/**
 * Whether people may know of this outage yet. One that is part of a larger one, or paused, is told later or not at all.
 */
const isKnown = ({ state: { incident } }: Stored): boolean => incident !== undefined && incident.untold !== true;

/**
 * Warns for the dependents that can work without it, once per incident each, which they remember. Their alerts are left
 * to their own rounds, so that this function needs no right to another queue.
 */
export async function warnDependents(intent: Intent, stored: Stored, ports: TellPorts, cause: Cause): Promise<void> {
  if (!isOutage(intent) || !isKnown(stored)) return;
  await warn(stored, await dependentsIn(stored, ports, cause), ports, cause);
}

/**
 * As `warnDependents`, and returns the sentence for the alert that names the dependents that are held; empty if there
 * are none, and for every alert that is not of an outage. If the dependents cannot be read, the alert is sent without it.
 */
export async function warnAndNameHeld(intent: Intent, stored: Stored, ports: TellPorts, cause: Cause): Promise<string> {
  if (!isOutage(intent)) return '';
  try {
    const dependents = await dependentsIn(stored, ports, cause);
    await warn(stored, dependents, ports, cause);
    return heldBecauseOf(stored, dependents);
  } catch (error) {
    const { tenant, id } = stored.service;
    ports.log.warn('who depends on it could not be read', { tenant, serviceId: id, error });
    return '';
  }
}

async function dependentsIn(
  { service: { tenant, id } }: Stored,
  ports: TellPorts,
  { signal }: Cause,
): Promise<readonly Stored[]> {
  return (await dependentsOf({ tenant, id }, MOST, ports, signal)).services;
}

async function warn(stored: Stored, dependents: readonly Stored[], ports: TellPorts, cause: Cause): Promise<void> {
  const { incident } = stored.state;
  if (!incident || !isKnown(stored)) return;
  const service = stored.service.id;
  const event = { kind: 'dependency_down', service, incidentId: incident.id, since: incident.openedAt } as const;
  const quiet = { ...ports, outbox: leftToRounds };
  await Promise.all(dependents.map((one) => changeKnown(one, [event], quiet, cause)));
}

function heldBecauseOf({ service: { id } }: Stored, dependents: readonly Stored[]): string {
  const held = dependents
    .filter(({ service }) => service.dependsOn.some((edge) => edge.service === id && edge.essential))
    .map(({ service }) => service.id);
  if (held.length === 0) return '';
  const more = held.length > NAMED ? ` and ${held.length - NAMED} more` : '';
  return ` While it is down, these are not restarted: ${held.slice(0, NAMED).join(', ')}${more}.`;
}

const isOutage = (intent: Intent): boolean =>
  (intent.kind === 'record' && ['unhealthy', 'limit_exceeded'].includes(intent.record.kind)) ||
  (intent.kind === 'alert' && ['unhealthy', 'restart_limit_exceeded'].includes(intent.alert.kind));
