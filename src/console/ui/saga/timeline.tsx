import type { SagaDetails } from '../../contract';
import { Table } from '../parts/table';
import { durationText } from '../../../view/duration';
import { Time } from '../parts/time';
import { Words } from '../parts/words';

type TimelineData = SagaDetails['timeline'];
type Span = TimelineData['steps'][number]['spans'][number];

const MIN_PERCENT = 0.4;
const QUARTERS = [0, 25, 50, 75, 100];

/** When the operations of a saga ran: bars, and the same as a table. */
export function Timeline({ timeline }: Pick<SagaDetails, 'timeline'>) {
  const { from, to, steps } = timeline;
  return (
    <>
      <p class="muted">
        <Time at={from} /> + {durationText(to - from)}. Filled: action. Hollow: compensation. Dashed: has not
        ended.
      </p>
      <div class="gantt" aria-hidden="true">
        {steps.map(({ name, spans }) => (
          <div class="lane" key={name}>
            <Words text={name} />
            <svg width="100%" height="20">
              {QUARTERS.map((percent) => (
                <line key={percent} class="grid" x1={`${percent}%`} x2={`${percent}%`} y1="0" y2="20" />
              ))}
              {spans.map((span) => (
                <Bar key={`${span.kind} ${span.from}`} span={span} from={from} to={to} />
              ))}
            </svg>
            <span class="length">{spans.map(lengthText).join(' + ')}</span>
          </div>
        ))}
      </div>
      <details>
        <summary>Timeline as a table</summary>
        <Table caption="When operations ran" head={head} rows={steps.flatMap(rowsOf)} />
      </details>
    </>
  );
}

function Bar({ span, from, to }: { readonly span: Span; readonly from: number; readonly to: number }) {
  const total = Math.max(to - from, 1);
  const width = Math.max(((span.to - span.from) / total) * 100, MIN_PERCENT);
  const x = Math.min(((span.from - from) / total) * 100, 100 - width);
  return (
    <rect
      class={`bar ${span.kind}${span.ended ? '' : ' open'}`}
      x={`${x.toFixed(2)}%`}
      width={`${width.toFixed(2)}%`}
      y="3"
      height="14"
      rx="2"
    />
  );
}

function lengthText({ from, to, ended }: Span): string {
  return `${durationText(to - from)}${ended ? '' : '…'}`;
}

const head = ['Step', 'Operation', 'From', 'Took'];

function rowsOf({ name, spans }: TimelineData['steps'][number]) {
  return spans.map((span) => ({
    key: `${name} ${span.kind} ${span.from}`,
    cells: [
      <Words text={name} />,
      span.kind,
      <Time at={span.from} />,
      span.ended ? lengthText(span) : `${durationText(span.to - span.from)} so far`,
    ],
  }));
}
