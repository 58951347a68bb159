// How many alerts people were ever owed, by level, for the roll-ups to count. It decides nothing.
import type { AlertLevel } from '../model/service.ts';
import type { State } from '../model/state.ts';

/** The counts after one alert more. */
export const oneMoreOwed = ({ owed = {} }: State, level: AlertLevel): Pick<State, 'owed'> => ({
  owed: { ...owed, [level]: (owed[level] ?? 0) + 1 },
});
