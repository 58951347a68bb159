// The published schema of the document, for receivers in other languages; the alert function itself has no need of it.
import * as z from 'zod/mini';

import { alertDocumentSchema } from './document.ts';

/**
 * JSON Schema, draft 7, which most validators read. Fields that it does not name are allowed: a later version of
 * Lamplighter may add some.
 */
export const alertSchema = () => ({
  ...z.toJSONSchema(alertDocumentSchema, { target: 'draft-7', io: 'input' }),
  $id: 'urn:lamplighter:alert:v1',
  title: 'Alert of Lamplighter, version 1',
});
