import { defaultSettings } from '../../examples/choreography/runner';
import { serviceTasks, startService } from '../../examples/choreography/start-service';
import { type ServiceName } from '../../services/names';
import { settingOf } from '../../src/worker';

/** `killed-after-commit.ts <service>`: the service, until it has committed its first reaction to an event. */
async function main(name: ServiceName): Promise<void> {
  const changed = JSON.parse(process.env['CHOREOGRAPHY_SETTINGS'] ?? '{}') as Partial<typeof defaultSettings>;
  const url = process.env[settingOf(name, 'DATABASE_URL')] ?? '';
  await startService(name, url, { ...defaultSettings, ...changed }, (service) => {
    const tasks = serviceTasks[name](service);
    for (const [event, task] of Object.entries(tasks)) {
      tasks[event] = async (payload, helpers) => {
        await task?.(payload, helpers);
        process.kill(process.pid, 'SIGKILL');
        // Nothing comes after it, but the signal may take a moment.
        await new Promise(() => undefined);
      };
    }
    return tasks;
  });
  process.send?.('ready');
}

void main(process.argv[2] as ServiceName);
