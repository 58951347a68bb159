// The published schema of a state change, for receivers in other languages; the alert function has no need of it.
import * as z from 'zod/mini';

import { stateChangeSchema } from './state-change.ts';

/** JSON Schema, draft 7, as that of alerts. Fields that it does not name are allowed: later versions may add some. */
export const stateChangeJsonSchema = () => ({
  ...z.toJSONSchema(stateChangeSchema, { target: 'draft-7', io: 'input' }),
  $id: 'urn:lamplighter:state-change:v1',
  title: 'State change of Lamplighter, version 1',
});
