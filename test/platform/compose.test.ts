import { workerKinds } from '../../services/names';
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkerSettings } from '../../src/worker';
import { searchAttributes } from '../../dev/register-search-attributes';

/** A file's lines without the comments. The project has no YAML parser: these facts stand in single lines. */
function readLines(file: string): string[] {
  const text = readFileSync(join(__dirname, '../..', file), 'utf8');
  return text.split('\n').filter((line) => !/^\s*#/.test(line));
}

const compose = readLines('docker-compose.yml');
const dockerfile = readLines('Dockerfile');

function captures(lines: readonly string[], pattern: RegExp): string[] {
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
}

/** The lines of each service: its name, and all that is indented below it. */
function services(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let own: string[] | undefined;
  for (const line of compose.slice(compose.indexOf('services:') + 1)) {
    const name = /^ {2}([\w-]+):$/.exec(line)?.[1];
    if (/^\S/.test(line)) break;
    if (name !== undefined) found.set(name, (own = []));
    else own?.push(line);
  }
  return found;
}

describe('docker-compose.yml', () => {
  test('pins every image to an exact version, and uses no auto-setup image', () => {
    const images = [...captures(compose, /^\s+image: (\S+)$/), ...captures(dockerfile, /^FROM (\S+)/)];
    expect(images.length).toBeGreaterThanOrEqual(8);
    expect(images.filter((image) => !/:\d+\.\d+(\.\d+)?(-[\w.-]+)?$/.test(image))).toEqual([]);
    expect(images.filter((image) => image.includes('auto-setup'))).toEqual([]);
  });

  test('runs the server with the admin tools of its own version', () => {
    const versions = captures(compose, /^\s+image: temporalio\/(?:server|admin-tools):(\S+)$/);
    expect(new Set(versions).size).toBe(1);
  });

  test('publishes ports on the loopback address only', () => {
    const published = compose.filter((line) => /^\s+ports:/.test(line));
    expect(published).toHaveLength(2);
    for (const line of published) expect(line).toMatch(/^\s+ports: \['127\.0\.0\.1:\$\{\w+:-\d+\}:\d+'\]$/);
  });

  test('registers the search attributes that the code uses', () => {
    const registered = captures(compose, /^\s+--name (\w+) --type Keyword(?: \\)?$/);
    expect(searchAttributes.map(({ type }) => type)).toEqual(searchAttributes.map(() => 'KEYWORD'));
    expect(registered.sort()).toEqual(searchAttributes.map(({ name }) => name).sort());
  });

  test.each(workerKinds)('runs the %s worker, which knows no database but its own', (kind) => {
    const lines = services().get(kind) ?? [];
    expect(captures(lines, /dist\/workers\/([\w-]+)\.js/)).toEqual([kind]);
    const own = kind === 'orchestrator' ? [] : [`${kind.toUpperCase()}_DATABASE_URL`];
    expect(captures(lines, /^\s+(\w*DATABASE_URL):/)).toEqual(own);
    expect(lines.join('\n')).not.toContain('UNWIND_POSTGRES_PASSWORD');
  });

  test('makes the workflow bundle that the workers of its image run', () => {
    const [made] = captures(dockerfile, /\bbundle dist\/workflows (\S+)$/);
    expect(captures(dockerfile, /\bORCHESTRATOR_WORKFLOW_BUNDLE=(\S+)/)).toEqual([`/app/${made}`]);
    expect(captures(dockerfile, /^COPY --from=build \/app\/(\S+) dist$/)).toEqual([made?.split('/')[0]]);
  });

  test('gives the orchestrator a heap and a memory that hold the workflows which it caches', () => {
    const lines = services().get('orchestrator') ?? [];
    const [cached] = captures(lines, /^\s+ORCHESTRATOR_MAX_CACHED_WORKFLOWS: (\d+)$/);
    const [heapMb] = captures(lines, /--max-old-space-size=(\d+)/);
    const [totalGb] = captures(lines, /limits: \{ memory: (\d+)g/);
    const { orchestrator } = readWorkerSettings(
      ['orchestrator'],
      { ORCHESTRATOR_MAX_CACHED_WORKFLOWS: cached },
      { heapMb: Number(heapMb), totalMb: 1_024 * Number(totalGb) },
    );
    expect(orchestrator.maxCachedWorkflows).toBe(Number(cached));
  });

  test('starts no password from a default', () => {
    const passwords = compose.flatMap((line) => [...line.matchAll(/\$\{(\w+_PASSWORD)([^}]*)\}/g)]);
    const required = passwords.filter(([, , rest]) => rest?.startsWith(':?')).map(([, name]) => name);
    expect(passwords.filter(([, , rest]) => rest !== '' && !rest?.startsWith(':?'))).toEqual([]);
    expect(passwords.map(([, name]) => name).filter((name) => !required.includes(name))).toEqual([]);
    const literal = captures(compose, /^\s+(\w*(?:PASSWORD|PWD): (?!\$\{).*)$/);
    expect(literal).toEqual([]);
  });
});
