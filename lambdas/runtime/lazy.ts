// Built at the first call, once per container; a failure is forgotten, so that the next invocation tries again.

export function lazy<T>(build: () => T): () => T {
  let built: { value: T } | undefined;
  return () => (built ??= { value: build() }).value;
}
