import { expect, it } from 'vitest';

it("runs on Lambda's own Node, whatever the machine has", () => {
  expect(process.version).toMatch(/^v24\./);
});
