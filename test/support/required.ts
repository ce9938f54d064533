/** @throws Error when `npm test` has not set a variable of the environment. */
export function required(setting: string): string {
  const value = process.env[setting];
  if (value) return value;
  throw new Error(`${setting} is not set: run tests with "npm test -- <paths>", which provides it`);
}
