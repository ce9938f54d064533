/**
 * What each folder may import. The arrows point one way (ARCHITECTURE.md): cli → client → saga;
 * workers → workflows + activities; workflows → saga + contracts; activities → participant + services.
 */
const only = (name, comment, from, ...to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...to], path: '^(src|workflows|activities|workers|test|examples)/' },
});

module.exports = {
  forbidden: [
    only('saga-stands-alone', 'The engine is usable without the shop.', '^src/saga/'),
    {
      name: 'saga-core-is-pure',
      comment:
        'The state machine of a saga is explored without Temporal: of it, it knows the failure types only.',
      severity: 'error',
      from: { path: '^src/saga/core/' },
      to: { pathNot: ['^src/saga/core/', '^src/saga/(call|definition|step)\\.ts$', '/@temporalio/common/'] },
    },
    only(
      'participant-knows-no-shop',
      'The barrier is usable without the shop.',
      '^src/participant/',
      '^src/saga/(call|core/plain-text)\\.ts$',
    ),
    only('client-knows-sagas', 'The client is usable without the shop.', '^src/client/', '^src/saga/'),
    only(
      'testing-knows-sagas',
      'The test kit is usable without the shop, through what its users see of the engine and the client.',
      '^src/testing/',
      '^src/(saga|client)/index\\.ts$',
    ),
    only(
      'services-know-participant',
      'A service is called through its activities; it knows the barrier and the shapes of a call.',
      '^src/services/',
      '^src/participant/',
      '^src/saga/(call|definition)\\.ts$',
    ),
    only(
      'workflows-know-contracts',
      'A workflow sees the engine, and of a service its names and types.',
      '^workflows/',
      '^src/saga/',
      '^src/services/([a-z]+/(contract|schema|fulfilment)|money)\\.ts$',
    ),
    only(
      'activities-know-services',
      'An activity puts a service behind the barrier.',
      '^activities/',
      '^src/participant/',
      '^src/services/',
      '^src/saga/call\\.ts$',
    ),
    only(
      'workers-run',
      'A worker names what its process runs.',
      '^workers/',
      '^activities/',
      '^src/platform/',
      '^src/services/',
    ),
    only(
      'platform-knows-no-saga',
      'The platform starts what it is given; it never places an order.',
      '^src/platform/',
      '^src/services/',
      '^src/participant/',
      '^src/client/index\\.ts$',
      '^src/saga/(search-attributes|placement)\\.ts$',
      '^workflows/index\\.ts$',
    ),
    only(
      'cli-is-on-top',
      'The command line sits on the client.',
      '^src/cli/',
      '^src/client/',
      '^src/platform/',
      '^src/services/',
      '^src/saga/',
      '^src/errors/',
    ),
    only(
      'catalogue-knows-codes',
      'The catalogue of errors explains the codes that each part declares; it runs nothing.',
      '^src/errors/',
      '^src/saga/core/error-codes\\.ts$',
      '^src/participant/error-codes\\.ts$',
      '^src/client/(errors|finding)\\.ts$',
      '^src/platform/setup-error\\.ts$',
      '^src/services/(error-codes|order/fulfilment)\\.ts$',
    ),
    only(
      'examples-know-what-is-public',
      'An example is written as a user of the packages would write it.',
      '^examples/',
      '^src/(saga|participant|client|testing)/index\\.ts$',
    ),
    {
      name: 'one-service-knows-no-other',
      comment: 'Each service has its own database; they share the vocabulary of an order and of money.',
      severity: 'error',
      from: { path: '^src/services/(payment|inventory|shipping)/' },
      to: {
        path: '^src/services/(order|payment|inventory|shipping)/',
        pathNot: ['^src/services/$1/', '^src/services/order/(schema|contract)\\.ts$'],
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
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
