// Lets `node --test` read TypeScript, with the compiler that Vite brings.
import { register } from 'node:module';

register(new URL('ts-hooks.mjs', import.meta.url));
