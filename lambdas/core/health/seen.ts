// What a look at a service says, for people and for records.
import type { Observation } from '../model/observation.ts';
import type { FailureType } from '../model/timeline.ts';

/** What ECS itself says of its tasks is told as that; all else is a look that failed. */
export const failureTypeOf = ({ cause }: Observation): FailureType =>
  cause === 'container_stopped' || cause === 'container_error' ? cause : 'health_check_failed';

/** What was seen, for people. */
export const wordsFor = ({ cause, message = cause }: Observation): string => message;
