import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

// Only for `npm run dev`: a running server, and a token that stands for the sign-in.
const server = process.env.COUNTERSIGN ?? 'http://127.0.0.1:8080';
const token = process.env.COUNTERSIGN_TOKEN ?? readToken(process.env.COUNTERSIGN_TOKEN_FILE);

function readToken(file) {
  return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
}

// The program fills these in for each request; the development server does it here.
const placeholders = {
  name: 'placeholders',
  apply: 'serve',
  transformIndexHtml: (html) => html.replaceAll('__NONCE__', 'development').replace('__CONFIG__', JSON.stringify({
    base: '/dashboard',
    version: '0.1.0',
    clientId: 'dashboard',
    authority: '/tenants/administrators',
    issuer: process.env.COUNTERSIGN_ISSUER ?? 'https://localhost:8443/tenants/administrators/',
    tenant: {
      name: 'default',
      domain: 'localhost:8443',
      environment: 'development',
      audience: 'https://localhost:8443/api/v2/',
      // A token of one's own is good at the tenant's own host only.
      prefix: token === undefined ? '/tenants/default' : '',
      isHost: true,
    },
    devToken: token,
  })),
};

const forward = { target: server, changeOrigin: true, secure: false };

export default defineConfig({
  base: '/dashboard/',
  plugins: [react(), placeholders],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    manifest: true,
    chunkSizeWarningLimit: 700,
    // Few requests for the first page: what every page needs in two files, the rest where it is used.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules[\\/](?!uplot)/, priority: 2 },
            { name: 'shared', test: /src[\\/](ui|api|auth|lib|shell[\\/](?!Palette|Shortcuts\.tsx)|text[\\/](ui|shell))/, priority: 1 },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': forward, '/oauth': forward, '/tenants': forward, '/.well-known': forward } },
});
