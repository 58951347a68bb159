// What is struck off, or noted as half done, was done: an alert was published or is in a group, a record of the
// timeline was written. And all that was to be told has been told when the world is quiet.
import type { Invariant } from './invariant.ts';

export const nothingLost: Invariant = {
  name: 'no alert and no record is lost',
  onCommit({ watched, before, after, invocation }, check, { fleet }) {
    for (const intent of after.intents)
      if (intent.kind === 'record' && !before.intents.some(({ id }) => id === intent.id))
        watched.records.set(intent.id, intent.record.kind);
    for (const intent of before.intents) {
      const is = after.intents.find(({ id }) => id === intent.id);
      // An intent of which people were told and the bus was not was judged when that was noted.
      if (intent.half === 'told' || (is && is.half !== 'told')) continue;
      if (intent.kind === 'record')
        check(
          !watched.records.has(intent.id),
          () => `record ${intent.id} (${intent.record.kind}) was struck off unwritten`,
        );
      if (intent.kind !== 'alert') continue;
      const { deduplicationKey: key } = intent.alert;
      const alert = watched.alerts.get(key);
      if (alert) alert.isStruckOff = true;
      check(
        invocation.memory.published.includes(key) || fleet.isWaiting(key) || alert?.isGrouped === true,
        () => `${key} was struck off by #${invocation.id}, which had not published it, and it lies in no group`,
      );
    }
  },
  onEnd({ alerts, records }, check, { fleet }) {
    for (const { key, publishedBy } of alerts.values())
      check(publishedBy.length > 0, () => `${key} was never published`);
    const waiting = [...alerts.keys()].find((key) => fleet.isWaiting(key));
    check(waiting === undefined, () => `${waiting} still waits for others`);
    check(records.size === 0, () => `never written: ${[...records.values()].join(' ')}`);
  },
};
