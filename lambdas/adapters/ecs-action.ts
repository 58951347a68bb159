// What the actions on an ECS service have in common; each has a file of its own.
import type { ImageRule } from '../core/model/restart-spec.ts';
import type { ImageSource, Inspection, Progress, RestartOrder, SentOrder } from '../ports/restarter.ts';
import type { EcsService } from './ecs-answers.ts';
import type { EcsCall } from './ecs-call.ts';

type Surroundings = Readonly<{ images: ImageSource; rule: ImageRule }>;

/** One way to restart an ECS service. The contracts are those of `Restarter`. */
export type EcsAction = Readonly<{
  /** Whether the action shifts traffic if the service deploys gradually. */
  isDeployment: boolean;
  /**
   * Called for a service that may be touched, whose primary deployment is `identity`. A reason is a clause that
   * completes a sentence about the service.
   */
  inspect(call: EcsCall, service: EcsService & { identity: string }, around: Surroundings): Promise<Inspection>;
  find(call: EcsCall, order: RestartOrder): Promise<string | undefined>;
  send(call: EcsCall, order: RestartOrder & { pin?: string | undefined }): Promise<string>;
  look(call: EcsCall, order: SentOrder, now: number): Promise<Progress>;
}>;
