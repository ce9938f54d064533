import { defineConfig } from 'unwind/cli';
import { z } from 'zod';
import { booking } from './steps.js';

export default defineConfig({
  sagas: [{ definition: booking, input: z.strictObject({ seat: z.string() }) }],
});
