// Menus. Until one is opened for the first time its trigger is a plain button: what makes a menu of it is loaded when the
// button is pointed at or focused, and tables with a menu per row stay light.
import { cloneElement, createContext, use, useState, type KeyboardEvent, type ReactElement, type ReactNode, type SyntheticEvent } from 'react';
import { toast } from './announce';
import { classes } from './classes';
import type { LucideIcon } from './icons';
import { wordsOf } from './states';

type Parts = typeof import('./menuParts');

let loading: Promise<Parts> | undefined;
const load = () => (loading ??= import('./menuParts'));

const Loaded = createContext<Parts | undefined>(undefined);

function useParts(): Parts['Radix'] {
  const parts = use(Loaded);
  if (parts === undefined) throw new Error('a part of a menu stands outside of one');
  return parts.Radix;
}

/** A menu behind `trigger`, a button. */
export function Menu({ trigger, children, align = 'end' }: { trigger: ReactElement; children: ReactNode; align?: 'start' | 'end' }) {
  const [parts, setParts] = useState<Parts>();
  // Inside the landmark or dialog that its button is in, so that it belongs to what surrounds it.
  const [home, setHome] = useState<HTMLElement | null>(null);
  if (parts === undefined) {
    const open = (event: SyntheticEvent<HTMLElement>) => {
      setHome(event.currentTarget.closest<HTMLElement>('[role=dialog], main, header'));
      void load().then(setParts, (error) => toast(wordsOf(error)));
    };
    return cloneElement(trigger as ReactElement<Record<string, unknown>>, {
      'aria-haspopup': 'menu',
      'aria-expanded': false,
      onPointerEnter: () => void load(),
      onFocus: () => void load(),
      onClick: open,
      onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
        if (event.key !== 'ArrowDown') return;
        event.preventDefault();
        open(event);
      },
    });
  }
  const { Radix } = parts;
  return (
    <Loaded value={parts}>
      <Radix.Root modal={false} defaultOpen>
        <Radix.Trigger asChild>{trigger}</Radix.Trigger>
        <Radix.Portal container={home}>
          <Radix.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>{children}</Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Loaded>
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
  const Radix = useParts();
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
  const Radix = useParts();
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

export function MenuLabel({ children }: { children: ReactNode }) {
  const Radix = useParts();
  return <Radix.Label className="menu-label">{children}</Radix.Label>;
}

export function MenuSeparator() {
  const Radix = useParts();
  return <Radix.Separator className="menu-separator" />;
}
