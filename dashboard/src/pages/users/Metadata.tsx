import { lazy, Suspense, useId } from 'react';
import type { Versioned } from '../../api/http';
import { queryClient } from '../../api/query';
import { pathOf, updateUser, userQuery, type User } from '../../api/users';
import { draftStore } from '../../lib/drafts';
import { user as words } from '../../text/user';
import { Button, FieldError, ReadOnly, refusal, Section, Skeleton } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useForm, type Form } from '../../ui/useForm';
import { faultOf, KINDS, patchOf, pretty, read as parse, textsOf, type Kind, type Texts } from './metadata';
import { useUser } from './useUser';

const CodeEditor = lazy(() => import('../actions/CodeEditor'));
const text = words.metadata;
const ABOUT: Record<Kind, [string, string]> = { user_metadata: [text.user, text.userLead], app_metadata: [text.app, text.appLead] };

export default function Metadata() {
  const { user, read, within } = useUser();
  const asTexts = ({ value, etag }: Versioned<User>): Versioned<Texts> => ({ value: textsOf(value), etag });
  const id = user.user_id;
  const key = `users/${id}/metadata`;
  const form = useForm<Texts>({
    key, read: asTexts(read), within, path: pathOf(id), labels: { user_metadata: text.user, app_metadata: text.app },
    check: (draft) => Object.fromEntries(KINDS.map((kind) => [kind, faultOf(kind, draft[kind])])),
    // What they are compared with is what the draft began from, which may be somebody else's by now.
    save: async (body, etag) => asTexts(await updateUser(id, patchOf(body, (draftStore.get(key)?.base as Texts | undefined) ?? textsOf(user)), etag)),
    reload: async () => asTexts(await queryClient.fetchQuery({ ...userQuery(id), staleTime: 0 })),
    requests: (body, base) => [{ path: pathOf(id), body: patchOf(body, base) }],
    history: { kind: 'users', id },
  });
  const refused = refusal('update:users');
  return (
    <>
      <ReadOnly scope="update:users" />
      <div className="sections">{KINDS.map((kind) => <Editor key={kind} form={form} kind={kind} isReadOnly={refused !== undefined} />)}</div>
      <SaveBar form={form} refused={refused} />
    </>
  );
}

function Editor({ form, kind, isReadOnly }: { form: Form<Texts>; kind: Kind; isReadOnly: boolean }) {
  const id = useId();
  const [title, lead] = ABOUT[kind];
  const fault = form.errorOf(kind);
  const found = parse(form.draft[kind]);
  return (
    <Section title={title} lead={lead} aside={'value' in found && <p className="muted small number">{text.keys(Object.keys(found.value).length)}</p>}>
      <div className="field" role="alert" id={`${id}e`}>{fault !== undefined && <FieldError>{fault}</FieldError>}</div>
      <Suspense fallback={<Skeleton height={200} />}>
        <CodeEditor label={title} describedBy={`${id}e`} language="json" value={form.draft[kind]} onChange={isReadOnly ? undefined : (json) => form.set(kind, json)} height={200} />
      </Suspense>
      {!isReadOnly && 'value' in found && <div className="row end"><Button small kind="quiet" aria-label={text.formatOf(title)} onClick={() => form.set(kind, pretty(found.value))}>{text.format}</Button></div>}
    </Section>
  );
}
