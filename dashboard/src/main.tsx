// Signs in, then draws. Both begin at once; a page that is on its way to the login draws nothing.
import { setNonce } from 'get-nonce';
import { nonce } from './api/config';
import { start } from './auth/session';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/section.css';

setNonce(nonce);
const app = import('./App');
if (await start()) (await app).draw(document.getElementById('root')!);
