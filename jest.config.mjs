// TypeScript is stripped by swc and the modules stay ESM, so that tests run what production runs.
const shared = {
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
}

/**
 * Suites: `unit` needs nothing but Node and little time; `world` lives through simulated incidents; `parts` needs real programs
 * (Prometheus, kubectl, Compose, strace); `e2e` starts whole bots; `chaos` breaks them.
 */
const suite = (displayName, ...folders) => ({
  ...shared,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
})

export default {
  coverageProvider: 'v8',
  // For machines that do other things as well; what is promised within some time is measured by the tests themselves.
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(sandbox/world|parts|e2e|chaos)/'],
    },
    suite('world', 'sandbox/world'),
    suite('parts', 'parts'),
    suite('e2e', 'e2e'),
    suite('chaos', 'chaos'),
  ],
}
