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
    ca: process.env.COUNTERSIGN_CA ?? null,
    tenant: {
      name: 'default',
      domain: 'localhost:8443',
      environment: 'development',
      audience: 'https://localhost:8443/api/v2/',
      prefix: '/tenants/default',
      isHost: true,
    },
    devToken: token,
  })),
};

// What is loaded only where it is used.
const LATE = /uplot|node_modules\/(@codemirror|@lezer|@marijn|style-mod|crelt|w3c-keyname)|src\/ui\/(Chart|ChartFrame|ColourField|OrderedList|Plot|Stage|TimeFilter|shapes|index|menuParts|Pages|QueryBox|LinkDialog)|src\/shell\/(Palette|Shortcuts\.tsx)|src\/lib\/(userQuery|userAgent|endpoints|curl|urls|scopes|lucene|range|axis|stats|secrets|federation|addresses|networkAcl|pem|quota|trace|contrast|theme|languages)|src\/api\/(connections|users|userAccess|userRoles|userJobs|actions|keys|rules|secrets|federation|protection|limits|revocations|branding|emails|logStreams|audit|nodes)/;
const MENU = /node_modules\/(@floating-ui|@radix-ui\/react-(menu|dropdown-menu|popover|popper|roving-focus|arrow|collection))/;
const FORMS = /src\/ui\/(CodeBlock|DurationField|HistoryList|KeyValueField|LinesField|NumberField|ToggleRow|SaveBar|ScopePicker|SecretField|UrlListField|useForm|ViewAs)/;
const FIRST = /src\/(pages\/applications\/(List|kinds|sample|DeleteApplication)|text\/applications)/;
// The style of one part comes with it; what every page needs is in `styles`.
const STYLE = /\.css$/;
const EVERYWHERE = /src\/(ui|api|auth|lib|shell|text\/(ui|shell))/;

// The host stays the browser's: a login returns to the origin that it began at, and nowhere else.
const forward = { target: server, secure: false };

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
            { name: 'vendor', test: (id) => /node_modules/.test(id) && !LATE.test(id) && !MENU.test(id), priority: 3 },
            { name: 'menu', test: MENU, priority: 2 },
            { name: 'shared', test: (id) => EVERYWHERE.test(id) && !FORMS.test(id) && !LATE.test(id) && !STYLE.test(id), priority: 1 },
            { name: 'forms', test: FORMS, priority: 0 },
            { name: 'applications', test: FIRST, priority: 0 },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true, proxy: { '/api': forward, '/oauth': forward, '/dashboard/stage': forward, '/tenants': forward, '/.well-known': forward } },
});
