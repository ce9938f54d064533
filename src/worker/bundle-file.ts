import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BundleVersions, ownVersions, readStamp } from './bundle-stamp';
import { SetupError } from './setup-error';

/**
 * Reads a bundle that was made ahead of time.
 * @throws SetupError `WORKFLOW_BUNDLE_UNREADABLE`, `WORKFLOW_BUNDLE_MISMATCH`
 */
export function readBundle(codePath: string): string {
  const file = resolve(codePath);
  const code = read(file);
  const made = readStamp(code);
  const own = ownVersions();
  if (made?.unwind === own.unwind && made.sdk === own.sdk) return code;
  throw new SetupError(
    'WORKFLOW_BUNDLE_MISMATCH',
    made
      ? `The workflow bundle ${file} was made by ${text(made)}; this worker is ${text(own)}.`
      : `The workflow bundle ${file} does not name the versions that it was made with.`,
    `Make it with the packages of this worker: ${commandFor(file)}`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SetupError(
      'WORKFLOW_BUNDLE_UNREADABLE',
      `The workflow bundle cannot be read: ${(cause as Error).message}`,
      `Make it: ${commandFor(file)}. Or correct the path (ORCHESTRATOR_WORKFLOW_BUNDLE).`,
      { cause },
    );
  }
}

const commandFor = (file: string) => `npx unwind bundle <workflows> ${file}`;

const text = ({ unwind, sdk }: BundleVersions) => `unwind ${unwind} with the Temporal SDK ${sdk}`;
