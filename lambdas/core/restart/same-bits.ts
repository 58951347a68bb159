// Same bits: a restart must not become a deployment that nobody reviewed. Whether a redeploy would bring up something
// else than what runs, and what has changed when it is done.
import { type EcrReference, ecrReference, isPinned } from './image-reference.ts';

/** A container as a task really runs it. */
type SeenContainer = Readonly<{ name: string; imageDigest?: string | undefined }>;
/** A container as a task definition asks for it. */
export type AskedContainer = Readonly<{ name: string; image?: string | undefined }>;
/** Tasks of a service, with the task definition (`family:revision`) that each was started from. */
export type SeenTask = Readonly<{ taskDefinition?: string | undefined; containers: readonly SeenContainer[] }>;

/** A container whose tag has to be looked up before it may be pulled again, and the digests that run of it now. */
export type OpenQuestion = Readonly<{ image: string; reference: EcrReference; running: readonly string[] }>;

/**
 * The images of these containers that have to be looked up: tags in ECR whose running digests are known. A digest in
 * the reference is safe by itself; for any other registry, and for a container that does not run, nothing can be told.
 */
export function openQuestions(asked: readonly AskedContainer[], tasks: readonly SeenTask[]): readonly OpenQuestion[] {
  return asked.flatMap(({ name, image }) => {
    const reference = image === undefined || isPinned(image) ? undefined : ecrReference(image);
    const running = digestsOf(tasks, name);
    return image !== undefined && reference && running.length > 0 ? [{ image, reference, running }] : [];
  });
}

const FIX = 'Deploy it on purpose, pin the image by its digest, or set restart.otherImages to report.';

/**
 * Why pulling this tag again would start a different image; undefined when it would not. `current` are all digests that
 * the tag points to now (an index and the images in it); none if the tag is gone.
 */
export function otherImage({ image, running }: OpenQuestion, current: readonly string[]): string | undefined {
  const [now] = current;
  if (now === undefined) return `its image ${image} is not in the registry any more, so a redeploy could not start.`;
  const other = running.find((digest) => !current.includes(digest));
  return (
    other &&
    `its image ${image} now is ${shortDigest(now)} while ${shortDigest(other)} runs: a redeploy would deploy it. ${FIX}`
  );
}

/**
 * Why a redeploy of `wanted` would start another task definition than all running tasks have; undefined if it would
 * not.
 */
export function otherDefinition(wanted: string, tasks: readonly SeenTask[]): string | undefined {
  const running = [...new Set(tasks.flatMap(({ taskDefinition }) => taskDefinition ?? []))];
  if (running.length === 0 || running.includes(wanted)) return undefined;
  return `its tasks run ${running.join(', ')}, and a redeploy would bring up ${wanted}. ${FIX}`;
}

/** How what runs now differs from what ran before, in words; undefined when it is the same, or cannot be told. */
export function changedBits(before: readonly SeenTask[], after: readonly SeenTask[]): string | undefined {
  const names = new Set(after.flatMap(({ containers }) => containers.map(({ name }) => name)));
  const images = [...names].map((name) =>
    replaced(`the image of ${name}`, digestsOf(before, name), digestsOf(after, name)),
  );
  const definitions = replaced('the task definition', definitionsOf(before), definitionsOf(after));
  const said = [definitions, ...images].filter((one) => one !== undefined);
  return said.length > 0 ? `changed by the restart: ${said.join(', ')}` : undefined;
}

function replaced(what: string, before: readonly string[], after: readonly string[]): string | undefined {
  if (before.length === 0 || after.every((one) => before.includes(one))) return undefined;
  return `${what} is ${after.map(shortDigest).join(' and ')}, was ${before.map(shortDigest).join(' and ')}`;
}

const digestsOf = (tasks: readonly SeenTask[], name: string): readonly string[] => [
  ...new Set(
    tasks.flatMap(({ containers }) => containers.flatMap((one) => (one.name === name ? (one.imageDigest ?? []) : []))),
  ),
];
const definitionsOf = (tasks: readonly SeenTask[]): readonly string[] => [
  ...new Set(tasks.flatMap(({ taskDefinition }) => taskDefinition ?? [])),
];

/** A digest, shortened so that two can still be told apart: `sha256:0123456789ab`. */
const shortDigest = (digest: string): string => digest.replace(/^(sha\d+:[0-9a-f]{12})[0-9a-f]+$/, '$1');
