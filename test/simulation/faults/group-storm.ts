// Many services of one project, or with one tag, fail at once while the rest of the fleet is well: crashes that
// restarts heal, or the outage of something that all of them need, which ends for all at once.
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../world/clocks.ts';
import { befalls, downCauses, type Fault, recurs } from './fault.ts';

export const groupStorm: Fault = {
  kind: 'storm of a group',
  plan(world, random, end) {
    const groups = [...new Set(world.services.flatMap(({ groups: { names } }) => names.slice(1)))];
    if (groups.length === 0) return;
    recurs(world, random, random.between(0.05, 0.8) * DAY_MS, end, () => {
      const group = random.pick(groups);
      const isHealedByRestart = random.chance(0.5);
      const [share, forMs] = [random.between(0.4, 1), random.wait(HOUR_MS)];
      // Often all of them are seen down for the first time at the very same beat.
      const spreadMs = random.pick([0, 0, MINUTE_MS]);
      const kind = `storm of a ${group.split(' ')[0]}`;
      const ailment = { kind, verdict: 'down', cause: random.pick(downCauses), isHealedByRestart } as const;
      for (const service of world.services.filter(({ groups: { names } }) => names.includes(group)))
        if (random.chance(share))
          world.engine.at(world.engine.now + random.int(0, spreadMs), () =>
            befalls(world, service, { ...ailment }, isHealedByRestart ? random.between(0.2, 4) * HOUR_MS : forMs),
          );
    });
  },
};
