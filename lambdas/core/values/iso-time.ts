// Times as the API shows them.

/** Epoch ms as ISO 8601; null, not left out, when there is no such time. */
export const isoTime = (epochMs: number | undefined) =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();
