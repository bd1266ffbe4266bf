/** Imports run one way: bin -> cli -> commands -> {server, router, tui} -> jobs -> {sessions, pool, prompts, safety} -> {generators, media} -> protocol -> base. */
const core = (names) => `^src/core/(${names})/`;
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'base-imports-nothing',
      severity: 'error',
      from: { path: core('base') },
      to: { path: '^src/', pathNot: core('base') },
    },
    {
      name: 'protocol-only-base',
      severity: 'error',
      from: { path: core('protocol') },
      to: { path: '^src/', pathNot: core('base|protocol') },
    },
    {
      name: 'protocol-is-browser-safe',
      comment: 'The playground bundles the protocol: nothing of Node may be imported there.',
      severity: 'error',
      from: { path: core('protocol') },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'protocol-takes-only-browser-safe-base',
      severity: 'error',
      from: { path: core('protocol') },
      to: {
        path: core('base'),
        pathNot: '^src/core/base/(error-table|json-bounds|terminal-text|video-shapes)[.]ts$',
      },
    },
    {
      name: 'lower-parts-stay-low',
      severity: 'error',
      from: { path: core('generators|media') },
      to: { path: '^src/', pathNot: core('base|protocol|generators|media') },
    },
    {
      name: 'library-imports-nothing',
      comment:
        'fastvideo/client runs in browsers, Node and workers: itself, and what reads boxes and words of errors.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: {
        pathNot:
          '^src/client/|^src/core/base/error(s|-table)[.]ts$|^src/core/media/mp4/box[.]ts$|^src/core/protocol/error-words[.]ts$',
      },
    },
    {
      name: 'library-is-for-clients',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/client/', core('client')] },
      to: { path: '^src/client/' },
    },
    {
      name: 'client-knows-no-server',
      comment: 'The client speaks to servers over the wire only.',
      severity: 'error',
      from: { path: core('client') },
      to: { path: '^src/', pathNot: [core('base|protocol|media|client'), '^src/client/'] },
    },
    {
      name: 'client-is-for-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: [core('client'), '^src/commands/'] },
      to: { path: core('client') },
    },
    {
      name: 'onnxruntime-is-loaded-when-asked-for',
      comment:
        'Through withOnnxRuntime: before it loads, its usage data is switched off, and it may be missing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '/onnx/' },
      to: {
        path: '^src/core/(generators|safety/classifiers)/onnx/|^node_modules/onnxruntime-node/',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'mock-is-for-commands',
      comment: 'Trouble on demand: no part of the real server knows it, and only the command mock loads it.',
      severity: 'error',
      from: { path: '^src/', pathNot: [core('mock'), '^src/commands/'] },
      to: { path: core('mock') },
    },
    {
      name: 'mock-is-loaded-by-its-command-only',
      comment: 'serve, which shares the wiring, names its types at most.',
      severity: 'error',
      from: { path: '^src/', pathNot: [core('mock'), '^src/commands/server/mock-trouble[.]ts$'] },
      to: {
        path: [core('mock'), '^src/commands/server/mock-trouble[.]ts$'],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'mock-wraps-the-parts-of-a-server',
      severity: 'error',
      from: { path: core('mock') },
      to: {
        path: '^src/',
        pathNot: core('base|protocol|media|generators|sessions|pool|prompts|safety|server|mock'),
      },
    },
    {
      name: 'jobs-know-no-server',
      severity: 'error',
      from: { path: core('jobs') },
      to: { path: '^src/', pathNot: core('base|protocol|media|generators|pool|jobs') },
    },
    {
      name: 'siblings-through-interfaces',
      comment: 'What a module needs from a sibling it declares as an interface of its own.',
      severity: 'error',
      from: { path: '^src/core/(sessions|pool|prompts|safety)/' },
      to: { path: '^src/', pathNot: '^src/core/(base|protocol|media|generators|$1)/' },
    },
    {
      name: 'router-wire-knows-no-session',
      comment: 'What goes between client, router and replica, for all rooms of the router.',
      severity: 'error',
      from: { path: '^src/core/router/wire/' },
      to: { path: '^src/', pathNot: '^src/core/(base|protocol|router/wire)/' },
    },
    {
      name: 'failover-does-not-know-the-relay',
      comment: 'What a session is does not depend on who forwards it.',
      severity: 'error',
      from: { path: '^src/core/router/(failover|replicas|affinity)/' },
      to: { path: '^src/core/router/relay/' },
    },
    {
      name: 'redis-is-for-stores',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/(base/store|sessions/stores|router/affinity)/' },
      to: { path: '^node_modules/redis/|^src/core/base/store/redis-' },
    },
    {
      name: 'router-does-not-know-sessions',
      comment: 'A router has no session of a server: it knows what goes over the wire.',
      severity: 'error',
      from: { path: '^src/core/router/' },
      to: { path: core('sessions|pool|prompts|safety|generators') },
    },
    {
      name: 'fronts-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/(core/server|core/router|tui)/' },
      to: {
        path: '^src/',
        pathNot: '^src/(core/(base|protocol|media|generators|sessions|pool|prompts|safety|jobs)|$1)/',
      },
    },
    {
      name: 'session-shell-knows-no-dialect',
      severity: 'error',
      from: { path: '^src/core/server/session/' },
      to: { path: '^src/core/server/(native|project)/' },
    },
    {
      name: 'dialects-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/core/server/(native|project)/' },
      to: { path: '^src/core/server/(native|project)/', pathNot: '^src/core/server/$1/' },
    },
    {
      name: 'commands-on-top',
      severity: 'error',
      from: { path: '^src/(core|tui)/' },
      to: { path: '^src/(commands/|cli[.]ts$)' },
    },
    {
      name: 'playground-only-protocol',
      severity: 'error',
      from: { path: '^playground/' },
      to: { path: '^src/', pathNot: [core('base|protocol'), '^src/client/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
    },
  },
};
