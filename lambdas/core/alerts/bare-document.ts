// A document that belongs to no service, with nothing filled in but what every document has.
import type { AlertLevel } from '../model/service.ts';
import { isoTime } from '../values/iso-time.ts';
import type { AlertDocument, DocumentKind } from './document.ts';
import { chapterOf, type Place } from './notice.ts';

type Bare = Readonly<{
  kind: DocumentKind;
  level: AlertLevel;
  detectedAt: number;
  at?: number;
  place?: Place | undefined;
}>;

export const bareDocument = ({ kind, level, detectedAt, at, place }: Bare): AlertDocument => ({
  version: 1,
  kind,
  level,
  headline: '',
  failureType: null,
  deduplicationKey: '',
  incidentId: null,
  message: '',
  at: isoTime(at),
  detectedAt: new Date(detectedAt).toISOString(),
  resolvedAt: null,
  restarts: 0,
  cause: null,
  seen: null,
  held: null,
  tried: [],
  next: '',
  evidence: null,
  service: null,
  storm: null,
  group: null,
  sms: null,
  links: { service: null, events: null, fleet: `${place?.apiUrl ?? ''}/fleet`, runbook: chapterOf(kind) },
});
