// Makes a race happen: those who meet here wait for one another and go on together.

/** Resolves for everyone once `number` have come; who comes later does not wait. */
export function meeting(number: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return () => {
    come += 1;
    if (come >= number) resolve();
    return promise;
  };
}
