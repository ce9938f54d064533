/** A jest reporter that ends the run at the first test that fails, with an exit code that says so: a file may have many more. */
module.exports = class FirstFailure {
  onTestCaseResult(_test, { status }) {
    if (status === 'failed') process.exit(FirstFailure.exitCode);
  }

  /** Also tests whose `beforeAll` failed. */
  onRunComplete(_contexts, { numFailedTests }) {
    if (numFailedTests > 0) process.exit(FirstFailure.exitCode);
  }

  static exitCode = 3;
};
