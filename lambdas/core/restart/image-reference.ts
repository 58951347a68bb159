// Names of container images, as task definitions have them: which are safe to pull again, and which can be looked up.

/** An image in ECR, by its tag. */
export type EcrReference = Readonly<{ registryId: string; region: string; repository: string; tag: string }>;

/** Whether the reference names the very bits. */
export const isPinned = (image: string): boolean => /@sha\d+:[0-9a-f]{32,}$/.test(image);

const ecrHost =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z]{2}[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)\//;
const named = /^([a-z0-9]+(?:[._/-][a-z0-9]+)*)(?::(\w[\w.-]{0,127}))?$/;

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/api:1` taken apart; undefined for any other registry. */
export function ecrReference(image: string): EcrReference | undefined {
  const [host = '', registryId, region] = ecrHost.exec(image) ?? [];
  const [, repository, tag = 'latest'] = named.exec(image.slice(host.length)) ?? [];
  if (registryId === undefined || region === undefined || repository === undefined) return undefined;
  return { registryId, region, repository, tag };
}
