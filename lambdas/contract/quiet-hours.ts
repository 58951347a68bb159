// What a time of day and a time zone look like, in the settings of a stack and in what its functions are told.

export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Whether this machine knows the clocks of such a place. */
export function isTimeZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
