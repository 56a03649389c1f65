import { Dialog as Radix } from 'radix-ui';
import { useRef, useState, type ReactNode } from 'react';
import { ui } from '../text/ui';
import { Button, IconButton } from './Button';
import { classes } from './classes';
import { TextField } from './fields';
import { X } from './icons';
import { ErrorPanel, Notice } from './states';
import { useAttempt } from './useAttempt';

type Open = { open: boolean; onClose: () => void };

/** A dialog that holds the focus and gives it back. `footer` stays in sight; `firm` keeps it open on outside clicks. */
export function Dialog({ open, onClose, title, aside, children, footer, width, firm, small, top }: Open & {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  width?: number;
  firm?: boolean | undefined;
  /** Stays a small box on small screens too. */
  small?: boolean | undefined;
  top?: boolean | undefined;
}) {
  const giveBack = useFocusReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className={classes('dialog', small === true && 'small', top === true && 'top')} aria-describedby={undefined}
          {...(width !== undefined && { style: { '--width': `${width}px` } as object })}
          onInteractOutside={(event) => { if (firm === true) event.preventDefault(); }}
          onOpenAutoFocus={focusFirst} onCloseAutoFocus={giveBack}
        >
          <header>
            <div><Radix.Title asChild><h2>{title}</h2></Radix.Title>{aside}</div>
            <Radix.Close asChild><IconButton icon={X} label={ui.close} /></Radix.Close>
          </header>
          <div className="content">{children}</div>
          {footer !== undefined && <footer>{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel from the side. `returnTo` has the focus after it, where that is not what had it before. */
export function Drawer({ open, onClose, title, actions, children, width, left, returnTo }: Open & {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  width?: number;
  left?: boolean;
  returnTo?: () => HTMLElement | null | undefined;
}) {
  const giveBack = useFocusReturn(open, returnTo);
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content className={classes('drawer', left === true && 'left')} aria-describedby={undefined} onCloseAutoFocus={giveBack} {...(width !== undefined && { style: { '--width': `${width}px` } as object })}>
          <header>
            <Radix.Title asChild><h2 className="grow anywhere">{title}</h2></Radix.Title>
            <div className="row nowrap">{actions}<Radix.Close asChild><IconButton icon={X} label={ui.close} /></Radix.Close></div>
          </header>
          <div className="content">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Radix gives the focus back only to a trigger of its own, and ours are elsewhere on the page. */
export function useFocusReturn(open: boolean, returnTo?: () => HTMLElement | null | undefined) {
  const before = useRef<Element>(null);
  const wasOpen = useRef(false);
  if (open && !wasOpen.current) before.current = document.activeElement;
  wasOpen.current = open;
  return (event: Event) => {
    event.preventDefault();
    const opener = before.current;
    // What was chosen in a menu is gone with it; its button is not.
    const button = opener?.closest('[role=menu]')?.getAttribute('aria-labelledby');
    const target = returnTo?.() ?? (button ? document.getElementById(button) : opener);
    // What was opened meanwhile keeps the focus.
    const other = document.activeElement?.closest('[role=dialog]');
    if (other !== null && other !== undefined && !other.contains(target)) return;
    if (target instanceof HTMLElement && target.isConnected && target !== document.body) target.focus();
  };
}

// The first thing to type or choose is what the dialog is about, not its close button; `data-autofocus` says otherwise.
function focusFirst(event: Event) {
  const dialog = event.currentTarget as HTMLElement | null;
  const first = dialog?.querySelector<HTMLElement>('[data-autofocus]') ?? dialog?.querySelector<HTMLElement>('.content :is(input, select, textarea):not([disabled], [readonly]), footer button');
  if (first === undefined || first === null) return;
  event.preventDefault();
  first.focus();
}

/**
 * Asks before something is destroyed. Level 2 names the object and the effect (`children`); with `typeName` it is
 * level 3, and the name has to be typed. `act` may fail; its error is shown here. A success closes it.
 */
export function ConfirmDialog({ open, onClose, title, children, confirm, act, typeName, typed: typedBefore = '', resume, kind = 'danger-primary' }: Open & {
  title: string;
  children: ReactNode;
  /** The verb on the button: "Delete application". */
  confirm: string;
  act: () => Promise<unknown>;
  typeName?: string | undefined;
  /** What was typed before the person had to sign in again. */
  typed?: string;
  resume?: string | undefined;
  kind?: 'danger-primary' | 'primary';
}) {
  const [typed, setTyped] = useState(typedBefore);
  const { isBusy, error, attempt, forgetError } = useAttempt();
  const isReady = typeName === undefined || typed.trim() === typeName;
  const close = () => {
    setTyped('');
    forgetError();
    onClose();
  };
  const run = async () => {
    await attempt(async () => {
      await act();
      close();
    });
  };
  return (
    <Dialog
      open={open} onClose={close} title={title} small width={480}
      footer={<><Button onClick={close}>{ui.cancel}</Button><Button kind={kind} busy={isBusy} disabled={!isReady} onClick={() => void run()}>{confirm}</Button></>}
    >
      <div className="stack tight">{children}</div>
      {typeName !== undefined && <TextField label={ui.typeName(typeName)} value={typed} onChange={setTyped} />}
      {error !== undefined && <ErrorPanel error={error} {...(resume !== undefined && { resume })} />}
    </Dialog>
  );
}

/** Something that can be seen only now. It does not close by a click outside, and asks when it was not copied. */
export function ShownOnceDialog({ open, onClose, title, children, copied, actions, notice = ui.shownOnce, again = false }: Open & {
  title: string;
  children: ReactNode;
  /** Whether it has been copied or downloaded. */
  copied: boolean;
  actions?: ReactNode;
  /** What is said first, where it can be seen again after all. */
  notice?: string;
  /** Whether it can be read again where it is kept, so that closing loses nothing. */
  again?: boolean;
}) {
  const [isAsking, setAsking] = useState(false);
  const close = () => {
    if (copied || isAsking) {
      setAsking(false);
      onClose();
    } else {
      setAsking(true);
    }
  };
  return (
    <Dialog
      open={open} onClose={close} title={title} firm small
      footer={<>{actions}<Button kind="primary" onClick={close}>{isAsking && !copied ? ui.closeAnyway : ui.close}</Button></>}
    >
      <Notice kind="warning">{notice}</Notice>
      {children}
      {isAsking && !copied && (again ? <Notice live>{ui.shownAgain}</Notice> : <Notice kind="danger" live>{ui.shownOnceUncopied}</Notice>)}
    </Dialog>
  );
}
