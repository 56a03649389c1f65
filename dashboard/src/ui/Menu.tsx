import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { classes } from './classes';
import type { LucideIcon } from './icons';

/** A menu behind `trigger`, a button. */
export function Menu({ trigger, children, align = 'end' }: { trigger: ReactElement; children: ReactNode; align?: 'start' | 'end' }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>{children}</Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({ icon: Icon, children, onSelect, danger, disabled, aside }: {
  icon?: LucideIcon;
  children: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  disabled?: boolean | undefined;
  aside?: ReactNode;
}) {
  return (
    <Radix.Item className={classes('menu-item', danger === true && 'danger')} disabled={disabled === true} onSelect={onSelect}>
      {Icon !== undefined && <Icon className="icon" size={16} aria-hidden />}
      <span className="grow">{children}</span>
      {aside}
    </Radix.Item>
  );
}

/** One of several, of which one holds. */
export function MenuChoice<T extends string>({ value, onChange, options }: { value: T; onChange: (value: T) => void; options: { value: T; label: string; icon?: LucideIcon }[] }) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(value) => onChange(value as T)}>
      {options.map(({ icon: Icon, ...option }) => (
        <Radix.RadioItem key={option.value} value={option.value} className="menu-item">
          {Icon !== undefined && <Icon className="icon" size={16} aria-hidden />}
          <span className="grow">{option.label}</span>
          <Radix.ItemIndicator aria-hidden>✓</Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export const MenuLabel = ({ children }: { children: ReactNode }) => <Radix.Label className="menu-label">{children}</Radix.Label>;
export const MenuSeparator = () => <Radix.Separator className="menu-separator" />;
