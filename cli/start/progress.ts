import type { Progress } from '../../dev/supervisor';

/** Lines on standard error, each with the seconds since the start. */
export function timedProgress(): Progress {
  const begun = performance.now();
  return (line) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}
