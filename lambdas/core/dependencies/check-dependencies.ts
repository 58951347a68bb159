// What a registration may not depend on: itself, the same service twice, or one that depends on it in turn.
import type { Fault } from '../faults.ts';
import type { Registration } from '../model/service.ts';

/** Faults that can be seen from the document alone. */
export function dependencyFaults({ id, dependsOn }: Pick<Registration, 'id' | 'dependsOn'>): readonly Fault[] {
  return dependsOn.flatMap(({ service }, index): Fault[] => {
    const path = `dependsOn[${index}].service`;
    if (service === id) return [{ path, message: 'is the service itself; remove it' }];
    const first = dependsOn.findIndex((other) => other.service === service);
    return first < index ? [{ path, message: `is ${service}, like dependsOn[${first}]; name it once` }] : [];
  });
}

/** The fault for the dependency that closes a circle: `circle` begins and ends with the service itself. */
export function circleFaults(
  { dependsOn }: Pick<Registration, 'dependsOn'>,
  circle: readonly string[],
): readonly Fault[] {
  const index = dependsOn.findIndex(({ service }) => service === circle[1]);
  return [
    {
      path: `dependsOn[${index}].service`,
      message: `closes a circle: ${circle.join(' -> ')}; each would wait for the other, and none would be restarted`,
    },
  ];
}
