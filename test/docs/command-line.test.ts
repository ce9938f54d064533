import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';
import { bulkVerbs } from '../../src/client';
import { exitCodes } from '../../src/cli';
import { addSagaCommands } from '../../src/cli/program';
import type { Session } from '../../src/cli/session';

const page = readFileSync(join(projectRoot, 'docs/command-line.md'), 'utf8');

/** `desk retry`, with the options of each. */
function commandsOf(command: Command, names: readonly string[] = []): { name: string; options: string[] }[] {
  return command.commands.flatMap((child) => {
    const all = [...names, child.name()];
    const options = child.options.map(({ long }) => long ?? '');
    return child.commands.length > 0 ? commandsOf(child, all) : [{ name: all.join(' '), options }];
  });
}

const program = new Command('unwind');
// Nothing is run.
addSagaCommands(program, {} as Session, []);

test('docs/command-line.md names every command, and no other', () => {
  const rows = [...page.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell = '']) => cell);
  const named = rows.flatMap((cell) =>
    [...cell.matchAll(/`([a-z]+(?: [a-z]+)?)/g)].map(([, name]) => name ?? ''),
  );
  const commands = commandsOf(program).map(({ name }) => name);
  expect(commands.filter((name) => !named.includes(name))).toEqual([]);
  const known = new Set([
    ...commands,
    ...(page.split('\n## Configuration')[0]?.matchAll(/^\| `([a-z-]+)` /gm) ?? []),
  ]);
  expect(named.filter((name) => name.includes(' ') && !known.has(name))).toEqual([]);
});

test('every option that it names is one of a command', () => {
  const options = new Set([
    ...commandsOf(program).flatMap((command) => command.options),
    '--json',
    '--config',
    '--help',
  ]);
  const named = [...page.matchAll(/(?<=[ `])--[a-z][a-z-]*/g)].map(([option]) => option);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((option) => !options.has(option))).toEqual([]);
});

test('it lists the exit codes and the verbs of bulk', () => {
  const codes = [...page.matchAll(/^\| (\d+) /gm)].map(([, code]) => Number(code));
  expect(codes).toEqual([0, 1, ...Object.values(exitCodes)]);
  for (const verb of bulkVerbs) expect(page).toMatch(new RegExp(`\`bulk VERB\`.*\`${verb}\``));
});
