/** Types are checked by tsc (`npm run verify`); swc only strips them. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // What is only worth running at full size: see test/support/size.ts.
  testPathIgnorePatterns: process.env.UNWIND_TEST_SIZE === 'full' ? [] : ['\\.full\\.test\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.unwind/'],
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/slowest-first.cjs',
  // Tests wait for their servers about a third of the time: one more than the cores of a small machine.
  maxWorkers: 3,
  // What test files leave behind in a process slows the simulation in later ones down several times.
  workerIdleMemoryLimit: '1.5GB',
};
