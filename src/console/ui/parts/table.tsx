import type { ComponentChildren } from 'preact';

/** A row: its cells in the order of the head; the first one names it. */
export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
  readonly tone?: 'bad';
}

interface Props {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
}

/** A table, which becomes cards on a narrow screen. Explicit roles keep it a table for a screen reader then. */
export function Table({ caption, head, rows }: Props) {
  return (
    <table role="table" class="cards">
      <caption class="hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {head.map((title) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, cells, tone }) => (
          <tr key={key} role="row" class={tone}>
            {cells.map((cell, index) => {
              const label = head[index] ?? '';
              return index === 0 ? (
                <th key={label} role="rowheader" scope="row">
                  {cell}
                </th>
              ) : (
                <td key={label} role="cell" data-label={label} class={isEmpty(cell) ? 'empty' : undefined}>
                  <div>{cell}</div>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isEmpty(cell: ComponentChildren): boolean {
  return cell === '' || cell === undefined || cell === null || cell === false;
}
