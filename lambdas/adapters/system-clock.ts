// The wall clock and chance: the two things that core must not know.
import type { Clock, Jitter } from '../ports/process.ts';

export const systemClock: Clock = { now: () => Date.now() };
export const systemJitter: Jitter = () => Math.random();
