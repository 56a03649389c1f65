// The page around the form, in Liquid.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useId, useState } from 'react';
import { freshTemplate, resetTemplate, saveTemplate, templateQuery, type PageTemplate } from '../../api/branding';
import type { Versioned } from '../../api/http';
import { branding } from '../../text/branding';
import { Button, ConfirmDialog, EmptyState, ErrorPanel, Notice, ReadOnly, refusal, Skeleton, toast } from '../../ui';
import { FileCode } from '../../ui/icons';
import { SaveBar } from '../../ui/SaveBar';
import { useForm } from '../../ui/useForm';
import { insertTag, missingTags, START } from './liquid';
import { Preview, WithPreview } from './Preview';
import { LOOKED_AT } from './screens';

const CodeEditor = lazy(() => import('../actions/CodeEditor'));
const text = branding.template;
const KNOWN = ['locale', 'prompt.name', 'prompt.screen.name', 'application.id', 'application.name', 'branding.logo_url', 'branding.colors.primary', 'tenant.friendly_name', 'tenant.support_email', 'tenant.support_url', 'tenant.enabled_locales'];

export default function Template() {
  const template = useQuery(templateQuery());
  if (template.isPending) return <Skeleton lines={2} height={180} />;
  if (template.isError) return <ErrorPanel error={template.error} retry={() => void template.refetch()} />;
  return <Editor read={template.data} />;
}

function Editor({ read }: { read: Versioned<PageTemplate> }) {
  const helpId = useId();
  const [page, setPage] = useState({ prompt: 'login', screen: 'login' });
  const [told, setTold] = useState<{ problem: string | undefined; notUsed: string | undefined }>();
  const [isResetting, setResetting] = useState(false);
  const refused = refusal('update:branding');
  const form = useForm<PageTemplate>({
    key: 'branding/template', read, within: '/branding', path: '/api/v2/branding/templates/universal-login', labels: text.fields,
    requests: (body) => [{ method: 'PUT', path: '/api/v2/branding/templates/universal-login', body }],
    save: (patch, etag) => saveTemplate(String(patch['template'] ?? ''), etag),
    reload: freshTemplate,
  });
  const { template } = form.draft;
  const hear = useCallback((problem: string | undefined, notUsed: string | undefined) => setTold({ problem, notUsed }), []);
  if (template === '' && read.value.template === '') {
    return (
      <>
        <ReadOnly scope="update:branding" />
        <EmptyState icon={FileCode} title={text.empty} actions={<Button kind="primary" reason={refused} onClick={() => form.set('template', START)}>{text.write}</Button>}>{text.emptyBody}</EmptyState>
      </>
    );
  }
  return (
    <>
      <ReadOnly scope="update:branding" />
      <WithPreview preview={<Preview tried={{ template: template === '' ? null : template }} screens={LOOKED_AT} page={page} onPage={setPage} told={hear} />}>
        <div className="stack">
          {missingTags(template).map((tag) => (
            <Notice key={tag} kind="warning" action={<Button small reason={refused} onClick={() => form.set('template', insertTag(template, tag))}>{text.insert}</Button>}>{text.missing(tag)}</Notice>
          ))}
          <div className="stack tight">
            <Suspense fallback={<Skeleton height={420} />}>
              <CodeEditor label={text.code} describedBy={helpId} language="liquid" value={template} height={420} onChange={refused === undefined ? (code) => form.set('template', code) : undefined} />
            </Suspense>
            <p className="help muted small" id={helpId}>{text.leave}</p>
          </div>
          {told?.problem !== undefined && <Notice kind="danger" live>{text.refused} {told.problem}</Notice>}
          {told?.problem === undefined && told?.notUsed !== undefined && <Notice kind="warning" live>{text.problem} {told.notUsed}</Notice>}
          <div className="stack tight small muted">
            <p>{text.known}</p>
            <p className="tags">{KNOWN.map((name) => <code key={name}>{name}</code>)}</p>
            <p>{text.escape}</p>
            <p>{text.scripts}</p>
          </div>
          {read.value.template !== '' && <div><Button kind="danger" reason={refusal('delete:branding')} onClick={() => setResetting(true)}>{text.reset}</Button></div>}
        </div>
      </WithPreview>
      <SaveBar form={form} risky={['template']} refused={refused} />
      <ConfirmDialog open={isResetting} onClose={() => setResetting(false)} title={text.resetTitle} confirm={text.reset} act={async () => { await resetTemplate(read.etag); form.discard(); toast(text.resetDone); }}>
        <p>{text.resetEffect}</p>
      </ConfirmDialog>
    </>
  );
}
