/*
 * Runs a file of TypeScript, the first argument, with a loader for this thread alone. Worker threads inherit the flags of their process: with
 * `--import tsx` those of a worker would load it too, as none in production does.
 */
require('tsx/cjs/api').register();
require(process.argv.splice(2, 1)[0]);
