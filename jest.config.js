/** Types are checked by tsc (`npm run verify`); swc only strips them. */
module.exports = {
  testEnvironment: '<rootDir>/test/environment.cjs',
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
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/slowest-first.cjs',
  // Tests wait for their servers about a third of the time: one more than the cores of a small machine.
  maxWorkers: 3,
  // A process that has grown is replaced between two test files: it does not give memory back by itself.
  workerIdleMemoryLimit: '1.5GB',
};
