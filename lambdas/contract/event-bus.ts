// How entries on the event bus are named: what rules match on.

export const BUS_SOURCE = 'lamplighter';
export const busDetailTypes = { alert: 'Lamplighter Alert', stateChange: 'Lamplighter State Change' } as const;
export type BusDetailType = (typeof busDetailTypes)[keyof typeof busDetailTypes];
