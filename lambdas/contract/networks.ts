// Where probers stand: the internet, the VPC of a deployment that has one, and beside ECS, which is asked, not dialled.

/** Where a service can be reached from; a registration chooses. */
export const reaches = ['public', 'private'] as const;
/** `ecs` is the prober that reads the state of ECS services: it alone holds rights to do so. */
export const networks = [...reaches, 'ecs'] as const;
export type Network = (typeof networks)[number];
