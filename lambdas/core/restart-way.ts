// By which way a document of ours restarts a service, when its step does not say: by the script that bears its id.
import { linuxDocument, type RestartDocument, windowsDocument } from '../contract/restart-documents.ts';
import type { RestartStep } from './restart-spec.ts';

const documents = new Map([linuxDocument, windowsDocument].map((document) => [document.name, document]));

/** What a document takes, if it is one that comes with Lamplighter. */
export const standardDocument = (name: string): RestartDocument | undefined => documents.get(name);

/**
 * The step as it is carried out. A standard document without a way gets `restartScript`, by the service's id:
 * `/opt/lamplighter/restart_billing.sh`. A way that is named, be it with an empty value, is left as it is.
 */
export function settleStep(step: RestartStep, id: string): RestartStep {
  const document = step.kind === 'ssm' ? standardDocument(step.document) : undefined;
  if (step.kind !== 'ssm' || !document || document.ways.some((way) => way in step.parameters)) return step;
  return { ...step, parameters: { ...step.parameters, restartScript: document.byConvention.join(id) } };
}
