// What a document of ours is told when its step does not say it: the script that bears the service's id, and what the
// step's place says already.
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

/** What a document takes, if it is one that comes with Lamplighter. */
export const standardDocument = (name: string): RestartDocument | undefined => documents.get(name);

/**
 * The step as it is carried out. A document that runs scripts, and whose step names no way, gets the script that bears
 * what it is for and the service's id: `/opt/lamplighter/restart_billing.sh`, for a hook `before_billing.sh`. A way that
 * is named, be it with an empty value, is left as it is. Where the place of a step says what is done, as `reload` does,
 * it need not be said again.
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
