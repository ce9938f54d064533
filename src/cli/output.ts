import { clearScreenDown, moveCursor } from 'node:readline';
import { printable, printableJson } from './printable';

/** Where a command prints, and how it ends. */
export interface Output {
  /** Whether JSON is printed. */
  readonly json: boolean;
  /** The width of the terminal in columns; undefined when standard output is none. */
  readonly columns: number | undefined;
  /** Prints the value as JSON with `--json`, otherwise the text. */
  print(value: unknown, text: string): void;
  /** Prints one of several lines: the value as one JSON document with `--json`, otherwise the text. */
  printLine(value: unknown, text: string): void;
  /** Prints what follows from {@link redraw} before: in a terminal in its place, elsewhere below it if it differs. */
  redraw(value: unknown, text: string): void;
  /** Tells the person on standard error; nothing that a program reads. */
  note(text: string): void;
  /** Sets the process's exit code. */
  exitCode(code: ExitCode): void;
}

/** How a command ends; docs/command-line.md lists them. 0 is success, and 1 an error with its code on standard error. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit codes other than 0 and 1. */
export const exitCodes = {
  /** The saga that a command waited for did not complete, not everything of a bulk command was done, or an alert is open. */
  notCompleted: 2,
  /** The audit has findings for which no rescue was started. */
  findingsRemain: 3,
  /** Ctrl-C, while a command waited. */
  interrupted: 130,
} as const;

/** Prints to the standard streams of this process. @param json is called each time, since arguments are parsed later. */
export function processOutput(json: () => boolean): Output {
  const { stdout, stderr } = process;
  const columns = () => (stdout.isTTY ? stdout.columns : undefined);
  const write = (value: unknown, text: string, indent?: number) =>
    void stdout.write(`${json() ? printableJson(value, indent) : printable(text)}\n`);
  let drawn: string | undefined;
  return {
    get columns() {
      return columns();
    },
    get json() {
      return json();
    },
    print: (value, text) => write(value, text, 2),
    printLine: write,
    redraw: (value, text) => {
      const now = json() ? printableJson(value) : printable(text);
      if (now === drawn) return;
      const width = columns();
      if (drawn !== undefined && width !== undefined && !json()) {
        moveCursor(stdout, -width, -heightOf(drawn, width));
        clearScreenDown(stdout);
      }
      stdout.write(`${now}\n`);
      drawn = now;
    },
    note: (text) => void stderr.write(`${printable(text)}\n`),
    exitCode: (code) => {
      process.exitCode = code;
    },
  };
}

function heightOf(text: string, width: number): number {
  return text.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / width)), 0);
}
