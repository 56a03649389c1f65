import type { ErrorComponentProps } from '@tanstack/react-router';
import { shell } from '../text/shell';
import { ui } from '../text/ui';
import { ButtonLink } from '../ui/Button';
import { PageHeader } from '../ui/PageHeader';
import { ErrorPanel } from '../ui/states';

/** A page that broke. The shell around it goes on. */
export const Failed = ({ error, reset }: ErrorComponentProps) => (
  <>
    <PageHeader title={ui.errorTitle} />
    <ErrorPanel error={error} retry={reset} />
  </>
);

/** A path that no page has. */
export const Missing = () => (
  <PageHeader title={shell.missing.title} lead={shell.missing.body} actions={<ButtonLink to="/">{shell.missing.home}</ButtonLink>} />
);
