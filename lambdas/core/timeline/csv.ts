// Lines of a CSV file after RFC 4180, safe to be opened in a spreadsheet.

/**
 * What a spreadsheet takes for a formula (OWASP, CSV injection): a service that can choose its own error message must
 * not choose what runs on the desk of whoever reads it. Full-width signs count too, and so do blanks in front.
 */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
const NEEDS_QUOTES = /[",\r\n]/;

function cellOf(value: string): string {
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One line with its end, CR and LF. What could be a formula gets an apostrophe in front, which spreadsheets hide. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cellOf).join(',')}\r\n`;
