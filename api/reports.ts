import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = join(__dirname, '..');

/** What package.json exports. */
const entryPoints = [
  'saga',
  'participant',
  'client',
  'worker',
  'testing',
  'errors',
  'alerts',
  'cli',
  'console',
];

/**
 * `tsx api/reports.ts`: writes the report of each entry point, `api/<name>.api.md`, from the declarations that are
 * published. With `--check` it changes nothing, and exits with 1 when a report is not current.
 */
async function main(): Promise<void> {
  mkdirSync(join(root, '.unwind'), { recursive: true });
  // Inside the project, so that the declarations find the packages that they import.
  const directory = mkdtempSync(join(root, '.unwind', 'api-'));
  try {
    await emitDeclarations(directory);
    const configs = entryPoints.map((name) => configOf(name, directory));
    const [first, ...others] = configs as [ExtractorConfig, ...ExtractorConfig[]];
    const compilerState = CompilerState.create(first, {
      additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    });
    const localBuild = !process.argv.includes('--check');
    for (const config of configs) {
      const { apiReportChanged, succeeded } = Extractor.invoke(config, {
        compilerState,
        localBuild,
        messageCallback: (message) => {
          // What it says of its own run would be noise.
          if (message.category === 'console') message.handled = true;
        },
      });
      if (!succeeded && !apiReportChanged) throw new Error(`${config.mainEntryPointFilePath} has problems`);
      if (succeeded) continue;
      process.stderr.write(
        `${config.reportFilePath} is not current: run "npm run docs:api" and review the difference\n`,
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function emitDeclarations(directory: string): Promise<void> {
  const options = ['-p', 'tsconfig.package.json', '--emitDeclarationOnly', '--outDir', directory];
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', ...options], { cwd: root });
}

function configOf(name: string, directory: string): ExtractorConfig {
  const none = { logLevel: ExtractorLogLevel.None };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(directory, 'src', name, 'index.d.ts'),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          extends: join(root, 'tsconfig.package.json'),
          include: [join(directory, 'src')],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(root, 'api'),
        reportTempFolder: join(directory, 'reports'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // All that is exported is public.
          'ae-missing-release-tag': none,
          // A name such as `sagaId` may say enough; `test/docs` holds each export to a comment.
          'ae-undocumented': none,
          // A type may come from another entry point. typedoc finds those that none exports, and links that lead nowhere.
          'ae-forgotten-export': none,
          'ae-unresolved-link': none,
        },
        tsdocMessageReporting: { default: none },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
}

void main();
