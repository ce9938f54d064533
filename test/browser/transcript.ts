/** Something that an operator saw or did, and the seconds since they began. */
export interface Moment {
  /** Of its picture. */
  readonly name: string;
  readonly text: string;
  readonly seconds: number;
}

/** The page `docs/stuck-order.md`. */
export function transcript(moments: readonly Moment[]): string {
  const last = moments.at(-1)?.seconds ?? 0;
  return `# A stuck order, from the overview to its end

Written by \`npm run docs:pictures\`, with the demo's order saga on real servers. Just before order A19 was captured, a deployment of the payment service
added a constraint to a table, \`posting_limit\`, which the capture breaks. The capture is the order's pivot: it is tried until it succeeds or
somebody decides, and until then the saga is _stuck_.

A script did what an operator does in [the console](console.md), without the time to think: ${last.toFixed(1)} seconds from the overview to the
completed order.

${moments.map(({ name, text, seconds }) => `## ${seconds.toFixed(1)} s\n\n${text}\n\n![${name}](pictures/${name}.png)\n`).join('\n')}
## The same order in the other views

When its operations ran (\`unwind timeline order-A19 --svg\`), while it was stuck:

![timeline of the stuck order](pictures/timeline-stuck.svg)

An order that completed, and one that was compensated because nobody delivers to the Antarctic:

![timeline of a completed order](pictures/timeline-completed.svg)

![timeline of a compensated order](pictures/timeline-compensated.svg)

The stuck order in the Temporal Web UI (User Metadata), with each Update that helps and an input for it:

![the stuck order in the Web UI](pictures/web-ui.png)

The compensated order in the console, and the map of the definition:

![a compensated order](pictures/compensated.png)

![the map of the order saga](pictures/map.png)
`;
}
