// The networks that probers stand in: the internet, and the VPC of a deployment that has one.

export const networks = ['public', 'private'] as const;
export type Network = (typeof networks)[number];
