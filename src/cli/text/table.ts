import Table from 'cli-table3';

/** A cell; one with `href` is a link, where the terminal has links. */
export type Cell = string | number | { readonly content: string; readonly href: string };

/**
 * A table without colours and row separators; where that is wider than `columns`, a block of lines for each row.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns = Infinity,
): string {
  const drawn = new Table({
    head: [...head],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  drawn.push(...rows.map((row) => [...row]));
  const text = drawn.toString();
  if (text.split('\n').every((line) => line.length <= columns)) return text;
  return rows.map((row) => blockOf(head, row)).join('\n');
}

function blockOf(head: readonly string[], [first = '', ...others]: readonly Cell[]): string {
  const lines = others.map((cell, index) =>
    cell === '' ? [] : [`  ${head[index + 1]?.toLowerCase()}: ${textOf(cell)}`],
  );
  return [textOf(first), ...lines.flat()].join('\n');
}

function textOf(cell: Cell): string {
  return typeof cell === 'object' ? cell.content : String(cell);
}
