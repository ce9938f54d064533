import type { Command, Option } from 'commander';

/** The shells for which there is a completion. */
export const shells = ['bash', 'zsh', 'fish'] as const;
/** One of {@link shells}. */
export type Shell = (typeof shells)[number];

interface Word {
  readonly word: string;
  readonly description: string;
}

/** A command, and what may follow it. */
interface Level {
  /** ` desk retry`; the root is empty. */
  readonly path: string;
  readonly words: readonly Word[];
  /** The options that take a value, each with the values it may have; none if any. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** A script that completes commands, options and values, made of the commands as they are declared. */
export function completionScript(program: Command, shell: Shell): string {
  const levels = levelsOf(program, program.options);
  const name = program.name();
  switch (shell) {
    case 'bash':
      return bash(name, levels);
    case 'zsh':
      return zsh(name, levels);
    case 'fish':
      return fish(name, levels);
  }
}

function levelsOf(command: Command, global: readonly Option[], path = ''): readonly Level[] {
  const own = command.options.filter((option) => !global.includes(option));
  const options = [...own, ...global].filter((option) => !option.hidden && option.long);
  const words = [
    ...command.commands.map((child) => ({ word: child.name(), description: child.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, description })),
    ),
    ...options.map(({ long, description }) => ({ word: long ?? '', description })),
    { word: '--help', description: 'show the arguments' },
  ];
  const values = new Map(
    options
      .filter(({ required, optional }) => required || optional)
      .map(({ long, argChoices = [] }) => [long ?? '', argChoices]),
  );
  const below = command.commands.flatMap((child) => levelsOf(child, global, `${path} ${child.name()}`));
  return [{ path, words, values }, ...below];
}

function bash(name: string, levels: readonly Level[]): string {
  return `# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} level='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
${cases('"$level ${COMP_WORDS[i]}"', [[pathsOf(levels), 'level="$level ${COMP_WORDS[i]}"']], '    ')}
  done
${cases(
  '"$level $prev"',
  valuesOf(levels, (values) =>
    values.length > 0
      ? `COMPREPLY=($(compgen -W ${single(values.join(' '))} -- "$cur")); return`
      : 'COMPREPLY=(); return',
  ),
)}
${cases(
  '"$level"',
  levels.map(({ path, words }) => [[path], `words=${single(words.map(({ word }) => word).join(' '))}`]),
)}
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${name} ${name}`;
}

function zsh(name: string, levels: readonly Level[]): string {
  const items = ({ words }: Level) =>
    words
      .map(({ word, description }) => single(`${word.replace(/:/g, '\\:')}:${shortened(description)}`))
      .join(' ');
  return `#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  local level='' i
  local -a items
  for ((i = 2; i < CURRENT; i++)); do
${cases('"$level ${words[i]}"', [[pathsOf(levels), 'level="$level ${words[i]}"']], '    ')}
  done
${cases(
  '"$level ${words[CURRENT-1]}"',
  valuesOf(levels, (values) =>
    values.length > 0 ? `compadd -- ${values.map(single).join(' ')}; return` : '_files; return',
  ),
)}
${cases(
  '"$level"',
  levels.map((level) => [[level.path], `items=(${items(level)})`]),
)}
  _describe '${name}' items || _files
}
compdef _${name} ${name}`;
}

function fish(name: string, levels: readonly Level[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = levels.flatMap(({ path, words, values }) => {
    const at = `complete -c ${name} -n ${quoted(`__${name}_at ${quoted(path)}`)}`;
    return words.map(({ word, description }) => {
      const about = `-d ${quoted(shortened(description))}`;
      if (!word.startsWith('--')) return `${at} -f -a ${quoted(word)} ${about}`;
      const choices = values.get(word);
      const value =
        choices === undefined ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r';
      return `${at} -l ${word.slice(2)}${value} ${about}`;
    });
  });
  return `# fish completion of ${name}: ${name} completion fish | source
function __${name}_at
  set -l level ''
  for word in (commandline -opc)[2..]
    switch "$level $word"
      case ${pathsOf(levels).map(quoted).join(' ')}
        set level "$level $word"
    end
  end
  test "$level" = "$argv[1]"
end
${lines.join('\n')}`;
}

type Case = readonly [patterns: readonly string[], body: string];

/** A `case` of bash and zsh. */
function cases(of: string, all: readonly Case[], indent = '  '): string {
  const branches = all
    .filter(([patterns]) => patterns.length > 0)
    .map(([patterns, body]) => `${indent}  ${patterns.map(single).join('|')}) ${body} ;;`);
  return [`${indent}case ${of} in`, ...branches, `${indent}esac`].join('\n');
}

function pathsOf(levels: readonly Level[]): string[] {
  return levels.map(({ path }) => path).filter((path) => path !== '');
}

function valuesOf(levels: readonly Level[], body: (values: readonly string[]) => string): Case[] {
  return levels.flatMap(({ path, values }) =>
    [...values].map(([option, choices]): Case => [[`${path} ${option}`], body(choices)]),
  );
}

function single(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** What a description says first, for one line. */
function shortened(description: string): string {
  return description.split(/[;\n]/)[0]?.slice(0, 80) ?? '';
}
