// One mail: whether it is sent, its words, and what its link does, with the mail beside them.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useId, useState } from 'react';
import { emailTemplateQuery, emailTemplateRequest, freshEmailTemplate, readStandard, resetEmailTemplate, saveEmailTemplate, kindsQuery, type Template as Stored } from '../../api/emails';
import type { Versioned } from '../../api/http';
import { emails } from '../../text/emails';
import { Button, ConfirmDialog, DurationField, durationFault, ErrorPanel, Notice, PageHeader, ReadOnly, refusal, Section, Select, Skeleton, Switch, TextField, toast } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useAttempt } from '../../ui/useAttempt';
import { useForm, type Form } from '../../ui/useForm';
import '../branding/branding.css';
import { LANGUAGES, MailPreview } from './MailPreview';

const CodeEditor = lazy(() => import('../actions/CodeEditor'));
const text = emails.template;
const KNOWN = ['user.email', 'user.name', 'user.given_name', 'user.user_metadata', 'application.name', 'application.clientID', 'connection.name', 'url', 'code', 'request_language', 'friendly_name', 'support_email', 'support_url', 'tenant'];
/** For these nothing leads anywhere. */
const WITHOUT_RESULT = ['welcome_email', 'blocked_account', 'auth_email_by_code', 'mfa_oob_code', 'verify_email_by_code', 'reset_email_by_code'];

export default function Template() {
  const { name } = useParams({ from: '/emails/templates/$name' });
  const template = useQuery(emailTemplateQuery(name));
  const kinds = useQuery(kindsQuery());
  const [title, lead] = emails.kinds[name] ?? [name, ''];
  return (
    <>
      <PageHeader title={title} section={emails.title} lead={lead} back={{ to: '/emails/templates', label: text.back }} />
      {template.isPending || kinds.isPending ? <Skeleton lines={8} height={28} />
        : template.isError ? <ErrorPanel error={template.error} retry={() => void template.refetch()} />
          : <Fields key={name} read={template.data} name={name} isServed={kinds.data?.find(({ template }) => template === name)?.is_served ?? true} />}
    </>
  );
}

function Fields({ read, name, isServed }: { read: Versioned<Stored>; name: string; isServed: boolean }) {
  const isNew = read.etag === null;
  const [isResetting, setResetting] = useState(false);
  const form = useForm<Stored>({
    key: `emails/template/${name}`, read, within: `/emails/templates/${name}`, path: `/api/v2/email-templates/${name}`, labels: text.fields,
    requests: (body) => [emailTemplateRequest(sent(body), name, read.etag)],
    save: (patch, etag) => saveEmailTemplate(sent(patch), name, etag),
    reload: () => freshEmailTemplate(name),
    check: (draft) => ({
      urlLifetimeInSeconds: draft.urlLifetimeInSeconds === undefined || draft.urlLifetimeInSeconds === null ? undefined : durationFault(draft.urlLifetimeInSeconds, { least: 1, most: 3_000_000_000 }),
      resultUrl: /^\s*$|\{[{%]|^\s*https?:\/\/[^@]+$/.test(draft.resultUrl ?? '') ? undefined : text.link.resultBad,
    }),
  });
  const refused = refusal(isNew ? 'create:email_templates' : 'update:email_templates');
  const disabled = refused !== undefined;
  const { draft } = form;
  const isOwn = Boolean(read.value.subject || read.value.body || read.value.from || read.value.resultUrl || read.value.urlLifetimeInSeconds);
  const words = { subject: draft.subject ?? '', body: draft.body ?? '', from: draft.from ?? '' };
  return (
    <>
      <ReadOnly scope={isNew ? 'create:email_templates' : 'update:email_templates'} />
      {!isServed && <Notice>{text.unserved}</Notice>}
      <div className="with-preview">
        <div className="fields">
          <div className="sections">
            <Section title={text.sending.title}>
              <Switch label={text.sending.enabled} help={name === 'welcome_email' ? text.sending.welcomeHelp : undefined} checked={draft.enabled !== false} disabled={disabled} onChange={(on) => form.set('enabled', on)} />
              <TextField label={text.sending.from} help={text.sending.fromHelp} value={draft.from ?? ''} maxLength={1024} disabled={disabled} onChange={(value) => form.set('from', value)} />
            </Section>
            <Message form={form} name={name} disabled={disabled} />
            <Link form={form} name={name} disabled={disabled} />
            {isOwn && !isNew && (
              <Section title={text.reset} danger>
                <div><Button kind="danger" reason={refused} onClick={() => setResetting(true)}>{text.reset}</Button></div>
              </Section>
            )}
          </div>
        </div>
        <MailPreview name={name} words={words} />
      </div>
      <SaveBar form={form} risky={['enabled']} refused={refused} />
      <ConfirmDialog
        open={isResetting} onClose={() => setResetting(false)} title={text.resetTitle} confirm={text.reset}
        act={async () => { await resetEmailTemplate(read.value, read.etag); form.discard(); toast(text.resetDone); }}
      >
        <p>{text.resetEffect}</p>
      </ConfirmDialog>
    </>
  );
}

/** The server takes an empty text for none, and knows nothing that could take a lifetime away. */
const sent = (patch: Record<string, unknown>) => Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value ?? '']));

type Part = { form: Form<Stored>; name: string; disabled: boolean };

function Message({ form, name, disabled }: Part) {
  const helpId = useId();
  const [language, setLanguage] = useState('en');
  const { isBusy, error, attempt } = useAttempt();
  const { draft } = form;
  const begin = () => attempt(async () => {
    const { subject, body } = await readStandard(name, language);
    form.set('subject', subject);
    form.set('body', body);
  });
  if (!draft.subject && !draft.body) {
    return (
      <Section title={text.words.title}>
        <div className="well stack tight">
          <p className="strong">{text.words.oursTitle}</p>
          <p className="muted small">{text.words.ours}</p>
          <Select label={text.words.language} value={language} disabled={disabled} options={LANGUAGES} onChange={setLanguage} />
          <div><Button busy={isBusy} disabled={disabled} onClick={() => void begin()}>{text.words.write}</Button></div>
          {error !== undefined && <ErrorPanel error={error} />}
        </div>
      </Section>
    );
  }
  return (
    <Section title={text.words.title}>
      <TextField label={text.words.subject} value={draft.subject ?? ''} maxLength={4096} disabled={disabled} onChange={(value) => form.set('subject', value)} />
      <div className="stack tight">
        <span className="label" aria-hidden>{text.words.body}</span>
        <Suspense fallback={<Skeleton height={360} />}>
          <CodeEditor label={text.words.body} describedBy={helpId} language="liquid" value={draft.body ?? ''} onChange={disabled ? undefined : (code) => form.set('body', code)} />
        </Suspense>
        <p className="help muted small" id={helpId}>{text.words.leave}</p>
      </div>
      <div className="stack tight small muted">
        <p>{text.known}</p>
        <p className="tags">{KNOWN.map((name) => <code key={name}>{name}</code>)}</p>
        <p>{text.escape}</p>
      </div>
    </Section>
  );
}

function Link({ form, name, disabled }: Part) {
  if (WITHOUT_RESULT.includes(name)) return null;
  const { draft } = form;
  return (
    <Section title={text.link.title} lead={text.link.lead}>
      <DurationField label={text.link.lifetime} help={text.link.lifetimeHelp} disabled={disabled} value={draft.urlLifetimeInSeconds ?? 432_000} onChange={(seconds) => form.set('urlLifetimeInSeconds', seconds)} error={form.errorOf('urlLifetimeInSeconds')} />
      <TextField label={text.link.result} help={text.link.resultHelp} mono inputMode="url" maxLength={4096} disabled={disabled} value={draft.resultUrl ?? ''} onChange={(value) => form.set('resultUrl', value)} error={form.errorOf('resultUrl')} />
      <Switch label={text.link.include} help={text.link.includeHelp} checked={draft.includeEmailInRedirect === true} disabled={disabled} onChange={(on) => form.set('includeEmailInRedirect', on)} />
    </Section>
  );
}
