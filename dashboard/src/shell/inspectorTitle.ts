import { shell } from '../text/shell';

export const text = shell.nav.inspector;
