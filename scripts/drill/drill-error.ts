// Why a drill failed, and what to do about it.

export class DrillError extends Error {
  override readonly name = 'DrillError';
}
