// A stack that watches a service registers it when it is deployed and removes it when it is deleted. Doing so twice is
// the same as once, and a service that is already gone counts as removed.
import { type Author, registerService, type RemovePorts, removeService } from '../flow/register-service.ts';
import type { ServiceKey } from '../ports/service-store.ts';

export type StackRequest =
  | { kind: 'put'; document: unknown }
  /** `key` is what an earlier `put` answered. */
  | { kind: 'remove'; key: ServiceKey };

/** Answers the service's key, or throws an error that names every fault, which CloudFormation then shows. */
export async function followStack(request: StackRequest, ports: RemovePorts, author: Author): Promise<ServiceKey> {
  if (request.kind === 'remove') {
    await removeService(request.key, ports, author);
    return request.key;
  }
  const registered = await registerService(request.document, ports, author);
  if (registered.kind === 'good') {
    const { tenant, id } = registered.value.document;
    return { tenant, id };
  }
  throw new Error(registered.faults.map(({ path, message }) => `${path} ${message}`).join('; '));
}
