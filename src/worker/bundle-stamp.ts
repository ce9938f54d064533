import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The versions that a bundle contains code of. */
const stampPattern = /^\/\/ Bundled by unwind (?<unwind>\S+) with the Temporal SDK (?<sdk>\S+)$/m;

/** What a bundle and the worker that runs it must have in common. */
export interface BundleVersions {
  readonly unwind: string;
  readonly sdk: string;
}

/** The versions of this process. */
export function ownVersions(): BundleVersions {
  return {
    unwind: versionAbove(__dirname),
    sdk: versionAbove(dirname(require.resolve('@temporalio/worker'))),
  };
}

/** The first line of a bundle that this process makes. */
export function bundleStamp(): string {
  const { unwind, sdk } = ownVersions();
  return `// Bundled by unwind ${unwind} with the Temporal SDK ${sdk}`;
}

/** @returns undefined for a bundle without a stamp. */
export function readStamp(code: string): BundleVersions | undefined {
  const end = code.indexOf('\n');
  const { unwind, sdk } = stampPattern.exec(end < 0 ? '' : code.slice(0, end))?.groups ?? {};
  return unwind !== undefined && sdk !== undefined ? { unwind, sdk } : undefined;
}

/** The version of the package that a directory belongs to. Compiled code has another depth than its source. */
function versionAbove(directory: string): string {
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) return versionAbove(dirname(directory));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
