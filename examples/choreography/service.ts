import { serviceNames, type ServiceUrls } from '../../services/names';
import { settingOf } from '../../src/worker';
import { startRelay } from './relay';
import { defaultSettings, type RunnerSettings } from './runner';
import { startService } from './start-service';

/**
 * `service.ts order|payment|inventory|shipping|relay`: one process. `ORDER_DATABASE_URL` and so on name the databases; a
 * service needs its own, the relay all four. `CHOREOGRAPHY_SETTINGS` changes {@link defaultSettings}, as JSON. Exits with 1 when it can go no further; whoever started it starts it again.
 */
async function main(name: string | undefined): Promise<void> {
  const urlOf = (service: string) => {
    const url = process.env[settingOf(service, 'DATABASE_URL')];
    if (!url) throw new Error(`${settingOf(service, 'DATABASE_URL')} must name a database`);
    return url;
  };
  const changed = JSON.parse(process.env['CHOREOGRAPHY_SETTINGS'] ?? '{}') as Partial<RunnerSettings>;
  const settings = { ...defaultSettings, ...changed };
  const service = serviceNames.find((one) => one === name);
  if (service === undefined && name !== 'relay')
    throw new Error('Usage: service.ts order|payment|inventory|shipping|relay');
  const running = service
    ? await startService(service, urlOf(service), settings)
    : await startRelay(
        Object.fromEntries(serviceNames.map((one) => [one, urlOf(one)])) as ServiceUrls,
        settings,
      );
  process.send?.('ready');
  const stop = () => void running.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  // Whoever started this process with a channel is gone.
  process.once('disconnect', stop);
  await running.failed;
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
