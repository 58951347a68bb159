// Learning from a service's own history: the effect of other settings, and which threshold the history suggests.
import { decode, type Fault } from '../core/faults.ts';
import { suggestThreshold } from '../core/learning/suggest-threshold.ts';
import { whatIf } from '../core/learning/what-if.ts';
import { saidIn } from '../core/model/audit.ts';
import { thinned } from '../core/model/recorded.ts';
import { type Registration, toService } from '../core/model/service.ts';
import { withAsked } from '../core/registration/asked-settings.ts';
import { type Limits, ruleFaults } from '../core/registration/check-registration.ts';
import { historyView, outlookView, suggestionView } from '../core/views/learning-view.ts';
import { noteRefusal } from '../flow/audit.ts';
import { registerService } from '../flow/register-service.ts';
import type { Stored } from '../ports/service-store.ts';
import { askingOf, authorOf } from './audited.ts';
import { type ApiAnswer, fault, invalid, notFound, ok, type Route } from './request.ts';
import { applyBody, tenantQuery, whatIfQuery } from './schemas.ts';
import { type Past, readPast } from './verdict-history.ts';

/** How much history a suggestion looks at, in ms; by default most of what is kept. */
const SUGGESTION_WINDOW_MS = 28 * 86_400_000;

/**
 * `GET /services/{id}/what-if`: replays the recorded verdicts with other settings, beside a replay with the present
 * ones.
 */
export const getWhatIf: Route = async (request, ports, signal) => {
  const query = decode(whatIfQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const { tenant, window, ...asked } = query.value;
  const key = { tenant, id: request.id ?? '' };
  const stored = await ports.services.read(key, signal);
  if (!stored) return notFound(tenant, key.id);
  const changed = withAsked(stored.document, asked);
  const faults = whatIfFaults(stored, changed, ports.limits);
  if (faults.length > 0) return invalid(faults);
  const past = await readPast(stored, window, ports, signal);
  return ok({
    ...{ tenant, service: key.id },
    history: historyView(past, stored.service),
    present: sideOf(stored.document, past),
    asked: sideOf(changed, past),
  });
};

function sideOf(document: Registration, { recorded, restarts }: Past) {
  const settings = toService(document);
  return outlookView(settings, whatIf(settings, thinned(recorded, settings.probe.intervalSeconds), restarts));
}

/** What was not probed cannot be replayed, and settings that could not be registered are not worth a replay. */
function whatIfFaults({ document, service }: Stored, changed: Registration, limits: Limits): readonly Fault[] {
  const { intervalSeconds } = service.probe;
  const asked = toService(changed);
  const tooOften =
    asked.probe.intervalSeconds < intervalSeconds
      ? [
          {
            path: 'intervalSeconds',
            message: `must be at least ${intervalSeconds}, as it is: nobody has looked in between`,
          },
        ]
      : [];
  // Faults that the present registration has by now are not the fault of what is asked.
  const known = ruleFaults(document, limits).map(({ message }) => message);
  const refused = ruleFaults(changed, limits).filter(({ message }) => !known.includes(message));
  return tooOften.length > 0
    ? tooOften
    : refused.map(({ path, message }) => ({ path: askedAs[path] ?? path, message }));
}

/** The path of a fault, as the name of the query parameter if there is one. */
const askedAs: Readonly<Record<string, string>> = {
  'policy.window.failures': 'windowFailures',
  'restart.steps': 'mode',
};

/**
 * `GET /services/{id}/suggestion`: the failure threshold that the history suggests, and the effect it would have had.
 */
export const getSuggestion: Route = async (request, ports, signal) => {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const stored = await ports.services.read(key, signal);
  if (!stored) return notFound(key.tenant, key.id);
  const past = await readPast(stored, SUGGESTION_WINDOW_MS, ports, signal);
  const suggestion = suggestThreshold(past.recorded, past.restarts);
  const suggested =
    suggestion.kind === 'suggested'
      ? sideOf(withAsked(stored.document, { failureThreshold: suggestion.failureThreshold }), past)
      : null;
  return ok({
    ...{ tenant: key.tenant, service: key.id },
    suggestion: suggestionView(suggestion, stored.service),
    history: historyView(past, stored.service),
    present: sideOf(stored.document, past),
    suggested,
  });
};

/**
 * `POST /services/{id}/suggestion/apply`: calculates the suggestion again and registers the service with it, as a
 * person would. If the service has that threshold already, nothing is written.
 */
export const postApplySuggestion: Route = async (request, ports, signal) => {
  const refuse = async (answer: ApiAnswer): Promise<ApiAnswer> => {
    await noteRefusal(askingOf('service.put', request), answer.code ?? '', ports, authorOf(request, signal));
    return answer;
  };
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return await refuse(invalid(query.faults));
  const body = decode(applyBody, request.body ?? {});
  if (body.kind === 'faulty') return await refuse(invalid(body.faults));
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const stored = await ports.services.read(key, signal);
  if (!stored) return await refuse(notFound(key.tenant, key.id));
  const past = await readPast(stored, SUGGESTION_WINDOW_MS, ports, signal);
  const suggestion = suggestThreshold(past.recorded, past.restarts);
  if (suggestion.kind === 'too_little') return await refuse(fault(409, 'NO_SUGGESTION', suggestion.because));
  const { failureThreshold, because } = suggestion;
  const seen = body.value.failureThreshold ?? failureThreshold;
  if (seen !== failureThreshold)
    return await refuse(
      fault(409, 'SUGGESTION_CHANGED', `by now ${failureThreshold} is suggested, not ${seen}: ${because}`),
    );
  // Reading the past takes seconds; a registration made meanwhile must not be undone.
  const newest = await ports.services.read(key, signal);
  if (!newest) return await refuse(notFound(key.tenant, key.id));
  const said = { reason: `suggested: ${because}`, ...saidIn(request.body) };
  const document = withAsked(newest.document, { failureThreshold });
  const registered = await registerService(document, ports, authorOf(request, signal), key, said);
  if (registered.kind === 'faulty') return invalid(registered.faults);
  const { policy } = newest.service;
  return ok({ ...key, failureThreshold, before: policy.failureThreshold, because, spec: registered.value.document });
};
