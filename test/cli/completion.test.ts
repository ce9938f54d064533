import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { completionScript, shells } from '../../src/cli/completion';
import { addSagaCommands } from '../../src/cli/program';
import type { Session } from '../../src/cli/session';

const program = new Command('unwind')
  .option('--json', "print JSON, 'as it is'")
  .option('--config <file>', 'a file');
// Nothing is run.
addSagaCommands(program, {} as Session, []);

function namesOf(command: Command): string[] {
  const options = command.options.map(({ long }) => long?.slice(2) ?? '');
  return [...options, ...command.commands.flatMap((child) => [child.name(), ...namesOf(child)])];
}

test.each(shells)('the script for %s has every command and option', (shell) => {
  const script = completionScript(program, shell);
  const words = new Set(script.split(/[^a-z-]+/).map((word) => word.replace(/^--/, '')));
  expect(namesOf(program).filter((name) => !words.has(name))).toEqual([]);
});

describe('bash', () => {
  /** What bash offers for the last word. */
  const complete = (...words: string[]) => {
    const ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _unwind; echo "${COMPREPLY[*]}"';
    const script = `${completionScript(program, 'bash')}\n${ask}`;
    return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
      .trim()
      .split(' ');
  };

  test('takes the script and knows the command', () => {
    const script = `${completionScript(program, 'bash')}\ncomplete -p unwind`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(
      'complete -o default -F _unwind unwind\n',
    );
  });

  test.each<[string[], string[]]>([
    [
      ['unwind', 'd'],
      ['diagram', 'desk'],
    ],
    [
      ['unwind', 'desk', 're'],
      ['retry', 'resolve'],
    ],
    [['unwind', 'desk', 'retry', 'order-7', 'pay', '--a'], ['--actor']],
    [['unwind', 'show', 'desk', '--f'], ['--follow']],
    [['unwind', 'watch', '--format', 'p'], ['pagerduty']],
    [['unwind', 'bulk', 'a'], ['abandon']],
    [
      ['unwind', 'completion', ''],
      ['bash', 'zsh', 'fish', '--json', '--config', '--help'],
    ],
    // Left to bash, which completes files.
    [['unwind', 'history', 'export', 'order-7', '--out', ''], ['']],
  ])('completes %j', (words, offered) => {
    expect(complete(...words).toSorted((one, other) => one.localeCompare(other))).toEqual(
      offered.toSorted((one, other) => one.localeCompare(other)),
    );
  });
});
