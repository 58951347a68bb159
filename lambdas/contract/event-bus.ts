// The event bus: what may name it, in the settings of a stack and in what its functions are told, and how entries on it
// are named, which is what rules match on.

/** The name of a bus. */
export const BUS_NAME = /^[\w.-]{1,256}$/;
/** The ARN of a bus; it names a region, and the stack that puts entries there must be in that region. */
export const BUS_ARN = /^arn:[\w-]+:events:([\w-]+):\d{12}:event-bus\/[\w.-]{1,256}$/;

export const BUS_SOURCE = 'lamplighter';
export const busDetailTypes = { alert: 'Lamplighter Alert', stateChange: 'Lamplighter State Change' } as const;
export type BusDetailType = (typeof busDetailTypes)[keyof typeof busDetailTypes];
