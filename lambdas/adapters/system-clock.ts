// The wall clock and randomness: the two things that core must not have.
import type { Clock, Jitter } from '../ports/process.ts';

export const systemClock: Clock = { now: () => Date.now() };
export const systemJitter: Jitter = () => Math.random();
