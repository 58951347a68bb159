// Calculates a result once per object, and remembers it for as long as the object exists.

/** The same function, but it calculates nothing twice for the same object. For what is needed at every beat. */
export function remembered<Of extends WeakKey, Result extends NonNullable<unknown>>(
  calculate: (of: Of) => Result,
): (of: Of) => Result {
  const known = new WeakMap<Of, Result>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const result = calculate(of);
    known.set(of, result);
    return result;
  };
}
