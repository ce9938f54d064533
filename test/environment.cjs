const { AsyncLocalStorage } = require('node:async_hooks');
const { promiseHooks } = require('node:v8');
const { TestEnvironment } = require('jest-environment-node');

/** What the current test file has added to each promise of this process. */
const added = new Set();

const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  added.add(this);
  return Reflect.apply(run, this, args);
};

const { createHook } = promiseHooks;
promiseHooks.createHook = (hooks) => {
  const stop = createHook(hooks);
  added.add({ disable: stop });
  return stop;
};

/**
 * The environment of a test file, which ends with what the file has added to every promise of the process: hooks, and `AsyncLocalStorage`s,
 * which Node 20 keeps and visits for each promise until they are disabled. The SDK removes neither, and each test file loads it anew: a replay
 * alone makes a promise cost fourteen times as much from then on.
 */
module.exports = class extends TestEnvironment {
  async teardown() {
    for (const each of added) each.disable();
    added.clear();
    await super.teardown();
  }
};
