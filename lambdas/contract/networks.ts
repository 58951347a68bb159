// The networks of probers: the internet, the deployment's VPC if it has one, and `ecs` for the prober that asks ECS
// itself.

/** Where a service can be reached from; a registration chooses. */
export const reaches = ['public', 'private'] as const;
/** `ecs` is the prober that reads the state of ECS services: it alone holds rights to do so. */
export const networks = [...reaches, 'ecs'] as const;
export type Network = (typeof networks)[number];
