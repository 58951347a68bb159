// What is reckoned once of a value, for as long as that value is there.

/** The same function, which reckons nothing twice of one and the same object. For what is asked at every beat. */
export function remembered<Of extends WeakKey, Result extends NonNullable<unknown>>(
  reckon: (of: Of) => Result,
): (of: Of) => Result {
  const known = new WeakMap<Of, Result>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const result = reckon(of);
    known.set(of, result);
    return result;
  };
}
