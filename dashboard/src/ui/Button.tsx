import { Link, type LinkProps } from '@tanstack/react-router';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classes } from './classes';
import type { LucideIcon } from './icons';

type Look = { kind?: 'primary' | 'danger' | 'danger-primary' | 'quiet' | 'link' | undefined; small?: boolean | undefined; icon?: LucideIcon | undefined };
type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & Look & {
  busy?: boolean | undefined;
  /** Why it cannot be used now; it stays reachable, so that the reason can be read. */
  reason?: string | undefined;
  ref?: Ref<HTMLButtonElement> | undefined;
};

const look = ({ kind, small }: Look, more?: string) =>
  classes('button', kind === 'danger-primary' ? 'danger primary' : kind, small && 'small', more);

export function Button({ kind, small, icon: Icon, busy, reason, className, children, onClick, ref, ...rest }: ButtonProps) {
  const blocked = reason !== undefined || busy === true;
  return (
    <button
      type="button"
      ref={ref}
      {...rest}
      className={look({ kind, small }, className)}
      {...(blocked && { 'aria-disabled': true })}
      {...(reason !== undefined && { title: reason, 'aria-description': reason })}
      {...(busy === true && { 'aria-busy': true })}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
    >
      {Icon !== undefined && <Icon className="icon" size={16} aria-hidden />}
      {children}
    </button>
  );
}

/** A button that is only an icon; `label` is its name. */
export function IconButton({ icon: Icon, label, small, className, ref, size = 16, ...rest }: {
  icon: LucideIcon;
  label: string;
  small?: boolean;
  size?: number;
  ref?: Ref<HTMLButtonElement> | undefined;
} & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" ref={ref} aria-label={label} title={label} {...rest} className={classes('icon-button', small && 'small', className)}>
      <Icon className="icon" size={size} aria-hidden />
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ kind, small, icon: Icon, children, ...rest }: LinkProps & Look & { children: ReactNode }) {
  return (
    <Link {...rest} className={look({ kind, small })}>
      {Icon !== undefined && <Icon className="icon" size={16} aria-hidden />}
      {children}
    </Link>
  );
}
