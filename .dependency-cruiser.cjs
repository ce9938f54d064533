/**
 * What each folder may import (ARCHITECTURE.md). The library is `src`: the shop and all that is around it use it as any
 * project does, through the index of each of its folders.
 */
const all = '^(src|services|workflows|activities|workers|cli|dev|test|examples|bench)/';
const library = '^src/(saga|participant|client|worker|testing|errors|alerts|cli|console)/index\\.ts$';

const only = (name, comment, from, ...to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...to], path: all },
});

module.exports = {
  forbidden: [
    only('saga-stands-alone', 'The engine is usable alone.', '^src/saga/'),
    {
      name: 'saga-core-is-pure',
      comment:
        'The state machine of a saga, and the driver that runs it, know nothing of Temporal: what is explored is what runs.',
      severity: 'error',
      from: { path: '^src/saga/core/' },
      to: { pathNot: ['^src/saga/core/'] },
    },
    only(
      'participant-knows-calls',
      'The barrier is usable without the engine.',
      '^src/participant/',
      '^src/saga/(call|core/(plain-text|step))\\.ts$',
    ),
    only('client-knows-sagas', 'The client knows histories of sagas.', '^src/client/', '^src/saga/'),
    only(
      'worker-knows-participants',
      'A worker runs sagas and participants, whichever they are.',
      '^src/worker/',
      '^src/(saga|participant|client)/index\\.ts$',
    ),
    only(
      'testing-knows-sagas',
      'The test kit sees of the engine, the client and the barrier what its users see, and puts a simulated server under the barrier.',
      '^src/testing/',
      '^src/(saga|client|participant)/index\\.ts$',
      '^src/participant/database\\.ts$',
      '^src/worker/bundle\\.ts$',
    ),
    only(
      'errors-know-codes',
      'The library explains the codes that its parts declare.',
      '^src/errors/',
      '^src/saga/core/error-codes\\.ts$',
      '^src/participant/error-codes\\.ts$',
      '^src/client/(errors|finding)\\.ts$',
      '^src/alerts/errors\\.ts$',
      '^src/worker/setup-error\\.ts$',
      '^src/cli/command-error\\.ts$',
      '^src/console/console-error\\.ts$',
    ),
    only(
      'alerts-know-the-client',
      'Alerts see of sagas what the client shows.',
      '^src/alerts/',
      '^src/client/index\\.ts$',
      '^src/view/grouped\\.ts$',
    ),
    only(
      'command-line-is-on-top',
      'The command line sits on the client, for any saga.',
      '^src/cli/',
      '^src/(saga|client|errors|alerts)/index\\.ts$',
      '^src/view/',
      // Without the SDK's worker, which only one command needs.
      '^src/worker/(setup-error|temporal-connection)\\.ts$',
      '^src/(worker|console)/index\\.ts$',
    ),
    only(
      'view-knows-the-client',
      'What people are shown of a saga is derived from what the client reads.',
      '^src/view/',
      '^src/(saga|client)/index\\.ts$',
    ),
    only(
      'console-serves-the-view',
      'The console shows what the command line shows, and acts by the client.',
      '^src/console/',
      '^src/(saga|client)/index\\.ts$',
      '^src/view/',
    ),
    only(
      'services-use-the-library',
      'A service knows the barrier and the shapes of a call.',
      '^services/',
      library,
    ),
    only(
      'workflows-know-contracts',
      'A workflow sees the engine, and of a service its names and types.',
      '^workflows/',
      '^src/saga/index\\.ts$',
      '^services/([a-z]+/(contract|schema|fulfilment)|money)\\.ts$',
    ),
    only(
      'activities-know-services',
      'An activity puts a service behind the barrier.',
      '^activities/',
      library,
      '^services/',
    ),
    only(
      'workers-run',
      'A worker names what its process runs.',
      '^workers/',
      library,
      '^activities/',
      '^services/',
    ),
    only(
      'dev-knows-no-saga',
      'The tooling brings up what it is given; it never places an order.',
      '^dev/',
      library,
      // Its own settings are checked as those of a worker are.
      '^src/worker/settings\\.ts$',
      '^services/',
      '^workflows/index\\.ts$',
    ),
    only(
      'cli-is-on-top',
      'The command line of the shop is that of the library, with commands for orders.',
      '^cli/',
      library,
      '^dev/',
      '^services/',
    ),
    only(
      'examples-know-what-is-public',
      'An example is written as a user would write it.',
      '^examples/trip/',
      library,
    ),
    only(
      'bench-is-a-user',
      'The benchmark measures what users of the library get.',
      '^bench/',
      library,
      '^dev/',
      '^services/',
      '^activities/',
      '^examples/choreography/',
    ),
    only(
      'choreography-runs-the-services',
      'The choreography runs the services of the shop without the engine and without Temporal.',
      '^examples/choreography/',
      '^src/(participant|worker)/index\\.ts$',
      '^services/',
    ),
    {
      name: 'one-service-knows-no-other',
      comment: 'Each service has its own database; they share the vocabulary of an order and of money.',
      severity: 'error',
      from: { path: '^services/(payment|inventory|shipping)/' },
      to: {
        path: '^services/(order|payment|inventory|shipping)/',
        pathNot: ['^services/$1/', '^services/order/(schema|contract)\\.ts$'],
      },
    },
    {
      name: 'no-production-code-knows-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // A project of its own, which installs the package; engines whose packages are installed for the benchmark alone; and the page of the
    // console, which the parser cannot read: its bundler
    // refuses what a browser has not, and oxlint what it must not import.
    exclude: { path: '^(test/package/consumer|src/console/ui|bench/peers)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
