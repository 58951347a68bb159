// What a probe saw of a service, for people and for records.
import type { Observation } from '../model/observation.ts';
import type { FailureType } from '../model/timeline.ts';

/** The failure type: what ECS itself says about its tasks, or else a failed health check. */
export const failureTypeOf = ({ cause }: Observation): FailureType =>
  cause === 'container_stopped' || cause === 'container_error' ? cause : 'health_check_failed';

/** What was seen, for people. */
export const wordsFor = ({ cause, message = cause }: Observation): string => message;
