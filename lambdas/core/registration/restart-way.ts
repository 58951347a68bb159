// Fills in the parameters of Lamplighter's own documents that a step leaves out: the script named after the service's
// id, and what the place of the step says already.
import {
  configurationDocument,
  linuxDocument,
  type RestartDocument,
  windowsDocument,
} from '../../contract/restart-documents.ts';
import type { RestartPolicy, RestartStep, SsmStep } from '../model/restart-spec.ts';

const documents = new Map(
  [linuxDocument, windowsDocument, configurationDocument].map((document) => [document.name, document]),
);

/** The parameters of a document, if it is one that comes with Lamplighter. */
export const standardDocument = (name: string): RestartDocument | undefined => documents.get(name);

/**
 * The step as it is carried out. If the document runs scripts and the step names no way, it gets the script that is
 * named after its purpose and the service's id: `/opt/lamplighter/restart_billing.sh`, for a hook `before_billing.sh`.
 * A way that is named, even with an empty value, is left as it is. If the place of a step says what is done, as
 * `reload` does, the step need not say it again.
 */
export const settleStep = (step: RestartStep, id: string, purpose = 'restart'): RestartStep =>
  step.kind === 'ssm' ? settleSsm(step, id, purpose) : step;

function settleSsm(step: SsmStep, id: string, purpose: string): SsmStep {
  const document = standardDocument(step.document);
  if (!document) return step;
  const { ways, byConvention, byPlace } = document;
  const isScript = ways.includes('restartScript') && !ways.some((way) => way in step.parameters);
  const isPlace = byPlace.places.includes(purpose) && !(byPlace.parameter in step.parameters);
  if (!isScript && !isPlace) return step;
  const settled = {
    ...(isPlace && { [byPlace.parameter]: purpose }),
    ...(isScript && { restartScript: byConvention.join(`${purpose}_${id}`) }),
  };
  return { ...step, parameters: { ...step.parameters, ...settled } };
}

type Steps = Pick<RestartPolicy, 'steps' | 'before' | 'after' | 'configuration' | 'reload' | 'rollback'>;

/** Every step of a policy as it is carried out. */
export function settleRestart({ steps, configuration, ...policy }: Steps, id: string): Steps {
  const { before, after, reload, rollback } = policy;
  const hook = (step: SsmStep, purpose: string) => settleSsm(step, id, purpose);
  return {
    steps: steps.map((step) => settleStep(step, id)),
    ...(before && { before: hook(before, 'before') }),
    ...(after && { after: hook(after, 'after') }),
    ...(reload && { reload: hook(reload, 'reload') }),
    ...(rollback && { rollback: settleStep(rollback, id, 'rollback') }),
    ...(configuration && {
      configuration: {
        ...(configuration.validate && { validate: hook(configuration.validate, 'validate') }),
        backup: hook(configuration.backup, 'backup'),
        restore: hook(configuration.restore, 'restore'),
      },
    }),
  };
}
