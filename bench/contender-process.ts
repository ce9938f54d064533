import { plainName, type Servers } from './contenders/contender';
import { contenders } from './contenders/contenders';
import { load } from './measure/load';
import type { Request, Response } from './measure/protocol';

/** The process of one contender: does what the benchmark asks, one request after the other, until its parent is gone. */
async function main([name = '', json = '']: string[]): Promise<void> {
  // On for the loader of TypeScript, off in production: with them, Node looks for a source map with each function that is made.
  process.setSourceMapsEnabled(false);
  const answer = (response: Response) => process.send?.(response);
  try {
    const start = contenders[name]?.contender();
    if (!start) throw new Error(`nobody is called ${name}`);
    const running = await start(JSON.parse(json) as Servers, {
      name: plainName(name),
      slots: 60,
      cachedWorkflows: 1_000,
    });
    process.on('message', (request: Request) => {
      load(running, request).then(
        (result) => answer({ result }),
        (error: Error) => answer({ error: error.stack ?? String(error) }),
      );
    });
    process.once('disconnect', () => process.exit(0));
    process.once('SIGTERM', () => void running.stop().finally(() => process.exit(0)));
    answer({
      ready: true,
      compensates: running.compensates ?? true,
    });
  } catch (error) {
    answer({ error: (error as Error).stack ?? String(error) });
    process.disconnect();
  }
}

void main(process.argv.slice(2));
