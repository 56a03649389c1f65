// What a page shows when it has nothing to show: yet, at all, or because something went wrong.
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError, Unreachable } from '../api/http';
import { me } from '../auth/me';
import { reauthenticate } from '../auth/session';
import { ui } from '../text/ui';
import { needs, refusal } from './Allowed';
import { Button } from './Button';
import { classes } from './classes';
import { CopyLine } from './CopyButton';
import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from './icons';

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };

/** A remark inside a page. With `live` it is read out when it appears. */
export function Notice({ kind = 'info', children, live, action }: {
  kind?: keyof typeof ICONS;
  children: ReactNode;
  live?: boolean;
  action?: ReactNode;
}) {
  const Icon = ICONS[kind];
  return (
    <div className={classes('notice', kind)} {...(live === true && { role: kind === 'danger' ? 'alert' : 'status' })}>
      <Icon className="icon" size={16} aria-hidden />
      <div className="grow">{children}</div>
      {action}
    </div>
  );
}

/** Says once on a page why nothing on it can be changed. */
export function ReadOnly({ scope }: { scope: string }) {
  const reason = refusal(scope);
  return reason === undefined ? null : <Notice>{me().roles.every((role) => role.startsWith('viewer')) ? ui.onlyLook : ui.lookHere} {reason}</Notice>;
}

/** What a thing is for, and the one next step. */
export function EmptyState({ icon: Icon, title, children, actions }: { icon?: LucideIcon; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      {Icon !== undefined && <Icon className="icon" size={28} aria-hidden />}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="row">{actions}</div>}
    </div>
  );
}

/** What is to be said about an error, in words for people. */
export function wordsOf(error: unknown): string {
  if (error instanceof Unreachable) return ui.errorUnreachable;
  if (error instanceof ApiError && error.missingScopes !== undefined) return needs(error.missingScopes);
  return error instanceof Error ? error.message : String(error);
}

/** Cause, cure, and the request to ask about. `resume` is what to come back to after signing in again. */
export function ErrorPanel({ error, retry, resume, title = ui.errorTitle }: { error: unknown; retry?: () => void; resume?: string; title?: string }) {
  const api = error instanceof ApiError ? error : undefined;
  const needsLogin = api?.errorCode === 'reauthentication_required';
  const left = useCountdown(error, api?.statusCode === 429 ? api.retryAfter : undefined);
  if (needsLogin) {
    return (
      <Notice kind="warning" live action={<Button small onClick={() => void reauthenticate(resume)}>{ui.signInAgain}</Button>}>
        <p className="strong">{ui.reauthenticate}</p>
        <p>{ui.reauthenticateHow}</p>
      </Notice>
    );
  }
  return (
    <div className="notice danger" role="alert">
      <CircleAlert className="icon" size={16} aria-hidden />
      <div className="grow stack tight">
        <div>
          <p className="strong">{titleOf(api) ?? title}</p>
          <p>{left > 0 ? ui.errorWait(left) : wordsOf(error)}</p>
        </div>
        {api !== undefined && (
          <p className="small muted">
            {ui.errorStatus(api.statusCode, api.errorCode ?? '')}
            {api.requestId !== undefined && <> · <CopyLine value={api.requestId} what={ui.requestId} /></>}
          </p>
        )}
        {/* Asking again brings no other rights. */}
        {retry !== undefined && api?.missingScopes === undefined && <div><Button small onClick={retry} disabled={left > 0}>{ui.retry}</Button></div>}
      </div>
    </div>
  );
}

function titleOf(api: ApiError | undefined): string | undefined {
  if (api?.missingScopes !== undefined) return ui.errorForbidden;
  return api?.statusCode === 404 ? ui.errorMissing : undefined;
}

/** Seconds left to wait, counted from when this error came. */
function useCountdown(error: unknown, seconds: number | undefined): number {
  const [left, setLeft] = useState(seconds ?? 0);
  useEffect(() => setLeft(seconds ?? 0), [error, seconds]);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}

/** The layout to come, after a moment without an answer. */
export function Skeleton({ lines = 1, height = 16, width = '100%' }: { lines?: number; height?: number; width?: string | number }) {
  return (
    <div className="stack tight" role="status" aria-label={ui.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton" style={{ height, width: lines > 1 && line === lines - 1 ? '60%' : width }} />
      ))}
    </div>
  );
}

/** A state with its word; colour never stands alone. */
export function LiveDot({ state, children, pulse }: { state: 'on' | 'off' | 'warning' | 'error'; children: ReactNode; pulse?: boolean }) {
  return <span className={classes('dot', state, pulse === true && 'pulse')}>{children}</span>;
}

export function Badge({ kind, children }: { kind?: 'success' | 'warning' | 'danger' | 'accent'; children: ReactNode }) {
  return <span className={classes('badge', kind)}>{children}</span>;
}

/** A number with its name. */
export function StatTile({ label, value, detail }: { label: string; value: ReactNode; detail?: ReactNode }) {
  return (
    <div className="stat">
      <span className="label">{label}</span>
      <span className="value">{value}</span>
      {detail !== undefined && <span className="detail">{detail}</span>}
    </div>
  );
}

/** An en dash that screen readers read as "none". */
export const Nothing = () => <span className="muted"><span aria-hidden>–</span><span className="sr">{ui.none}</span></span>;
