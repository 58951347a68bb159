import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { csvLine } from '../../../lambdas/core/timeline/csv.ts';

/** A reader of RFC 4180 of its own, sign by sign. */
function read(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (isQuoted && sign === '"' && text.charAt(at + 1) === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && sign === ',') {
      row.push(cell);
      cell = '';
    } else if (!isQuoted && sign === '\r') {
      expect(text.charAt(at + 1)).toBe('\n');
      at += 1;
      rows.push([...row, cell]);
      [row, cell] = [[], ''];
    } else cell += sign;
  }
  expect([isQuoted, row, cell]).toEqual([false, [], '']);
  return rows;
}
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '＝', '"', "'", ',', ' ', '\t', '\r', '\n', 'a', '1') }),
);
const tables = fc.array(fc.array(texts, { minLength: 2, maxLength: 6 }), { maxLength: 6 });

describe('lines of CSV', () => {
  it('are read back as what was written, but for the apostrophe in front of what could be a formula', () => {
    fc.assert(
      fc.property(tables, (rows) => {
        const back = read(rows.map((cells) => csvLine(cells)).join(''));
        expect(back.map((cells) => cells.length)).toEqual(rows.map((cells) => cells.length));
        for (const [row, cells] of rows.entries())
          for (const [column, cell] of cells.entries()) expect([cell, `'${cell}`]).toContain(back[row]?.[column]);
      }),
    );
  });

  it('hold no cell that a spreadsheet would take for a formula', () => {
    fc.assert(
      fc.property(tables, (rows) => {
        for (const cells of read(rows.map((line) => csvLine(line)).join('')))
          for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/);
      }),
    );
  });

  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a, b', '"a, b"'],
    ['it said "no"', '"it said ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['＝1', "'＝1"],
    ['\t=1', "'\t=1"],
    ['a-b=c', 'a-b=c'],
    ["it's", "it's"],
  ])('write %j as %j', (cell, expected) => {
    expect(csvLine([cell, 'x'])).toBe(`${expected},x\r\n`);
  });
});
