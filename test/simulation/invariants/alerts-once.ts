// Rule 7: every alert belongs to an incident, has a key of its own, and is produced once. It is published twice only if
// the invocation that published it died, or could not know that SNS took it, or could not note it.
import type { AlertLevel } from '../../../lambdas/core/model/service.ts';
import type { Check, Commit, Invariant } from './invariant.ts';

const levels: readonly AlertLevel[] = ['info', 'warning', 'error', 'critical'];

/** People who want alerts of this level must be told that an outage begins. */
function outageTold({ before, after, spec, ended }: Commit, check: Check): void {
  const isNew = after.incident && after.incident.id !== before.incident?.id;
  // Outages that are part of a storm are told later; storms.ts judges that.
  if (!isNew || after.health !== 'unhealthy' || !spec.alerts.enabled || after.incident.untold) return;
  // One of the ups and downs of a service that people know to be flapping.
  if (after.flapping && after.incident.heldBy === 'flapping') return;
  // It is at least a warning, with a restart under way.
  if (levels.indexOf(spec.alerts.minLevel) > levels.indexOf(ended ? 'error' : 'warning')) return;
  check((after.incident?.alerted.length ?? 0) > 0, () => `${after.incident?.id} began, and nobody is told`);
}

export const alertsOnce: Invariant = {
  name: '7 every alert once, with incident and key',
  onCommit(commit, check) {
    const { watched, before, after, spec } = commit;
    for (const intent of after.intents) {
      if (intent.kind !== 'alert' || before.intents.some(({ id }) => id === intent.id)) continue;
      const { deduplicationKey: key, incidentId, kind, level } = intent.alert;
      check(!watched.alerts.has(key), () => `${key} was made a second time`);
      const isOfOther = kind === 'dependency_down'; // it belongs to another service's incident; warned.ts judges that
      const own = isOfOther ? `${incidentId}:${kind}:${spec.id}` : `${incidentId}:${kind}`;
      // Reminders are numbered, because there may be many.
      const bare = kind === 'reminder' ? key.replace(/:\d+$/, '') : key;
      check(bare === own, () => `${key} is not of incident ${incidentId} and kind ${kind}`);
      const isOfTrend = kind === 'early_warning' || kind === 'trend_over';
      const isOfFlapping = kind === 'flapping' || kind === 'steady';
      const [was, is] = isOfTrend
        ? [before.trend, after.trend]
        : isOfFlapping
          ? [before.flapping, after.flapping]
          : [before.incident, after.incident];
      const isOpen = isOfOther || incidentId === was?.id || incidentId === is?.id;
      // One incident may end and another begin in one step, but every alert must belong to one of them.
      check(isOpen, () => `${key} belongs to no incident that is open`);
      check(spec.alerts.enabled, () => `${key} although alerts are off`);
      watched.alerts.set(key, {
        intentId: intent.id,
        key,
        kind,
        level,
        publishedBy: [],
        isStruckOff: false,
        isGrouped: false,
      });
    }
    outageTold(commit, check);
  },
  onPublished({ alert, key, isGrouped, invocation }, check) {
    check(alert !== undefined, () => `${key} was published and never made`);
    // Alerts in a group have been struck off before, and no others have.
    check(alert?.isStruckOff !== true || isGrouped, () => `${key} was published after it was struck off`);
    for (const { end, id } of alert?.publishedBy ?? [])
      check(
        end === 'died' || end === 'failed' || id === invocation.id,
        () => `${key} was published twice, though #${id}, which published it before, is ${end}`,
      );
  },
};
