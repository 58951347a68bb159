// People are warned of a disk that is nearly full before it makes the service fail (again). Restart documents print how
// full the disks of their host are (lib/documents); this is read from the output of a finished restart.
import type { Restart } from '../model/state.ts';
import { type Context, type Step, withState } from '../model/step.ts';
import { shortHash } from '../values/hash.ts';
import { oneMoreHeld, whyQuiet } from './held-back.ts';
import { withRecord } from './incident.ts';
import { withOutsideAlert } from './outside-alert.ts';

/** From here on people are warned; documents print disks from 80 % on, as evidence. */
const FULL_PERCENT = 90;
/** For a service that is restarted again and again, people are warned only once in this time. */
const AGAIN_AFTER_MS = 24 * 3_600_000;

const HEADING = /^(m?i-[0-9a-f]+):$/;
const DISK = /^disk (\d{1,3}) % full: (\S+)$/;

/**
 * Disks in the output of a restart that are nearly full, in words; each below the heading of its host, if there are
 * several.
 */
function fullDisksIn(output: string): readonly string[] {
  let host = '';
  return output.split('\n').flatMap((line) => {
    host = HEADING.exec(line)?.[1] ?? host;
    const [, percent = '', path] = DISK.exec(line) ?? [];
    const where = host === '' ? '' : ` on ${host}`;
    return path !== undefined && Number(percent) >= FULL_PERCENT ? [`${path}${where} is ${percent} % full`] : [];
  });
}

/** Warns, once a day, of full disks that the restart has found; they cause no restart. */
export function warnOfDisks(context: Context, step: Step, { id, output = '' }: Restart): Step {
  const { service, now } = context;
  const { state } = step;
  const full = fullDisksIn(output);
  if (full.length === 0 || now < (state.disksToldAt ?? -Infinity) + AGAIN_AFTER_MS) return step;
  const why = whyQuiet(context, state, 'warning');
  const isTold = why === undefined;
  const episode = `disk-${shortHash(service.tenant, service.id)}-${now.toString(36)}-${state.sequence}`;
  const warning = {
    kind: 'early_warning',
    level: 'warning',
    message: `A disk is nearly full: ${full.join(', ')}.`,
    incidentId: episode,
    detectedAt: now,
  } as const;
  const counted = withState(step, { sequence: state.sequence + 1, ...oneMoreHeld(state, why) });
  const recorded = withRecord(context, counted, {
    ...{ ...warning, failureType: 'health_check_failed', restartId: id },
    action: isTold ? 'alert' : 'none',
  });
  if (!isTold) return recorded;
  const alert = { ...warning, deduplicationKey: `${episode}:early_warning` };
  return withOutsideAlert(context, withState(recorded, { disksToldAt: now }), alert);
}
