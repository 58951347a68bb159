// The boundaries of docs/architecture.md. Each rule says what a breach would mean.
const inFunctions = '^lambdas/(schedule|probe|restart|alert|api|register|authorize|discover|rollup|deliver)/';
const only = (name, comment, from, allowed) => ({
  name,
  severity: 'error',
  comment,
  from,
  to: { pathNot: allowed },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one file.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'A file that nobody imports and that is no entry is dead.',
      from: {
        orphan: true,
        path: '^(lambdas|lib|local)/',
        pathNot: [
          'handler\\.ts$',
          '^local/main\\.ts$',
          '^local/demo/(main|service)\\.ts$',
          '\\.d\\.ts$',
          '^lib/bundling/',
        ],
      },
      to: {},
    },
    only(
      'contract-imports-nothing',
      'The contract is read by every side; what it imports, all import.',
      { path: '^lambdas/contract/' },
      ['^lambdas/contract/'],
    ),
    only(
      'core-is-pure',
      'Whatever decides must run in a test, in the simulation and in what-if alike.',
      { path: '^lambdas/core/' },
      ['^lambdas/core/', '^lambdas/contract/', '^node_modules/(zod|ipaddr\\.js)/'],
    ),
    only('ports-are-types', 'A port that knows its adapter is no port.', { path: '^lambdas/ports/' }, [
      '^lambdas/ports/',
      '^lambdas/core/',
      '^lambdas/contract/',
    ]),
    only(
      'adapters-know-ports-not-flows',
      'An adapter is one outside thing; rules live in core.',
      { path: '^lambdas/adapters/' },
      ['^lambdas/(adapters|core|contract)/', '^lambdas/ports/', '^node_modules/', '^node:', '^[a-z_/]+$'],
    ),
    only(
      'runtime-is-plumbing',
      'The only place that knows middy must not know the domain.',
      { path: '^lambdas/runtime/' },
      [
        '^lambdas/(runtime|contract)/',
        // state-change: the words of EventBridge are decoded into ours where all messages are; quiet-hours: a setting.
        '^lambdas/core/(result|faults|rounds/state-change|alerts/quiet-hours)\\.ts$',
        '^lambdas/ports/',
        '^node_modules/',
        '^timers',
      ],
    ),
    only(
      'flows-use-ports',
      'A flow that reaches past its ports cannot be tested or simulated.',
      { path: inFunctions, pathNot: 'handler\\.ts$' },
      ['^lambdas/(core|contract|flow)/', '^lambdas/ports/', '^node_modules/zod/', inFunctions],
    ),
    {
      name: 'functions-are-apart',
      severity: 'error',
      comment: 'The five roles are the security model: no function imports another.',
      from: { path: '^lambdas/(schedule|probe|restart|alert|api|register|authorize|discover|rollup|deliver)/' },
      to: { path: inFunctions, pathNot: '^lambdas/$1/' },
    },
    {
      name: 'probe-holds-no-restart',
      severity: 'error',
      comment: 'The function that reaches the network must not hold restart or publish rights.',
      from: { path: '^lambdas/(schedule|api|register|authorize|rollup)/' },
      to: { path: 'lambdas/adapters/(ecs-|elb-|ssm-(?!secret)|sns-)|@aws-sdk/client-(ecs|elastic|sns)' },
    },
    {
      name: 'probe-asks-ecs-and-no-more',
      severity: 'error',
      comment: 'A prober may read how ECS services stand, where its role lets it; it restarts and publishes nothing.',
      from: { path: '^lambdas/probe/' },
      to: { path: 'lambdas/adapters/(ecs-(?!service-state)|elb-|ssm-(?!secret)|sns-)|@aws-sdk/client-(elastic|sns)' },
    },
    {
      name: 'restart-fetches-no-url',
      severity: 'error',
      comment: 'The function that may restart machines must not take input from an endpoint.',
      from: { path: '^lambdas/(restart|alert|schedule|api|register|authorize|discover|rollup)/' },
      to: { path: 'lambdas/adapters/(.*-prober|guarded-lookup|dial|http-)|^(node:)?(http|https|net|tls)$' },
    },
    {
      name: 'alert-only-publishes',
      severity: 'error',
      comment: 'The function that tells people must not be able to restart.',
      from: { path: '^lambdas/alert/' },
      to: { path: 'lambdas/adapters/(ecs|ssm)-|@aws-sdk/client-(ecs|ssm)' },
    },
    {
      name: 'authorize-only-looks',
      severity: 'error',
      comment: 'The function that anybody can make run reads one secret and touches nothing else.',
      from: { path: '^lambdas/authorize/' },
      to: { path: 'lambdas/adapters/(dynamo|sqs|emf)-|lambdas/flow/|@aws-sdk/(client-(?!ssm)|lib-)' },
    },
    {
      name: 'rollup-only-reckons',
      severity: 'error',
      comment:
        'The function that reads the whole past probes, restarts and tells nobody; it speaks to the table alone.',
      from: { path: '^lambdas/rollup/' },
      to: { path: 'lambdas/adapters/(sqs|ssm)-|@aws-sdk/client-(sqs|ssm)' },
    },
    {
      name: 'deliver-only-posts',
      severity: 'error',
      comment: 'The function that knows where a receiver is reads its queue and one secret, and never the table.',
      from: { path: '^lambdas/deliver/' },
      to: {
        path: 'lambdas/adapters/(dynamo|emf|sns|ecs|elb|ecr|ssm-(?!secret)|.*-prober)|lambdas/flow/|@aws-sdk/(client-(?!ssm|sqs)|lib-)',
      },
    },
    {
      name: 'discover-only-looks',
      severity: 'error',
      comment: 'The function that sees ECS and load balancers changes nothing there, and tells nobody.',
      from: { path: '^lambdas/discover/' },
      to: { path: 'lambdas/adapters/(ecs-(restarter|deployment|stop-tasks)|ssm-|sns-)|@aws-sdk/client-(ssm|sns)' },
    },
    {
      name: 'nothing-imports-local',
      severity: 'error',
      comment: 'One-machine mode is a composition root; the cloud must not depend on it.',
      from: { path: '^(lambdas|lib|bin|cli)/' },
      to: { path: '^local/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      comment: 'Production code that knows a test is a mock switch in the making.',
      from: { path: '^(lambdas|lib|bin|local|cli)/' },
      to: { path: '^test/' },
    },
    {
      name: 'lib-reads-contract-alone',
      severity: 'error',
      comment: 'Synth time and run time share names and keys, never code.',
      from: { path: '^(lib|bin)/' },
      to: { path: '^lambdas/(?!contract/)' },
    },
    {
      name: 'no-undici-no-named-zod',
      severity: 'error',
      comment: 'undici adds 715 kB to a bundle; node:http and node:https probe faster.',
      from: { path: '^lambdas/' },
      to: { path: 'node_modules/undici/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
