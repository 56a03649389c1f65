import type { ReactNode } from 'react';
import { rolesWith } from '../api/roles';
import { can } from '../auth/me';
import { shell } from '../text/shell';
import { ui } from '../text/ui';

/** Shows its children only to those whose role has the Management API scope. The server is who refuses. */
export const Allowed = ({ scope, children }: { scope: string; children: ReactNode }) => (can(scope) ? children : null);

/** Why something is disabled for this person, or nothing: for `reason` of a button and `disabled` of a field. */
export const refusal = (scope: string): string | undefined => (can(scope) ? undefined : needs([scope]));

/** Which roles and permissions would be needed, any of them. */
export const needs = (scopes: string[]): string =>
  ui.noRight([...new Set(scopes.flatMap(rolesWith))].map((role) => shell.roles[role]), scopes);
