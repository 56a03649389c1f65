import type { ReactNode } from 'react';
import { can } from '../auth/me';
import { ui } from '../text/ui';

/** Shows its children only to those whose role has the Management API scope. The server is who refuses. */
export const Allowed = ({ scope, children }: { scope: string; children: ReactNode }) => (can(scope) ? children : null);

/** Why something is disabled for this person, or nothing: for `reason` of a button and `disabled` of a field. */
export const refusal = (scope: string): string | undefined => (can(scope) ? undefined : ui.noRight(scope));
