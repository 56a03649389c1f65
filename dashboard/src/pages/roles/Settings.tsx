import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { queryClient } from '../../api/query';
import { pathOf, roleQuery, updateRole, type Role } from '../../api/userRoles';
import { can } from '../../auth/me';
import { roles as text } from '../../text/roles';
import { ui } from '../../text/ui';
import { Button, ReadOnly, refusal, Section, TextArea, TextField } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useForm } from '../../ui/useForm';
import { DeleteRole } from './DeleteRole';
import { useRole } from './useRole';

export const MOST = 255;

export const nameFault = (name: string): string | undefined => (name.trim() === '' ? text.form.nameMissing : [...name].length > MOST ? ui.tooLong(MOST) : undefined);
export const descriptionFault = (description: string): string | undefined => ([...description].length > MOST ? ui.tooLong(MOST) : undefined);

export default function Settings() {
  const { role, read } = useRole();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const form = useForm<Role>({
    key: `roles/${role.id}`, read, within: `/roles/${role.id}`, path: pathOf(role.id), labels: text.form.fields,
    check: ({ name, description }) => ({ name: nameFault(name), description: descriptionFault(description ?? '') }),
    save: (body, etag) => updateRole(role.id, body, etag),
    reload: () => queryClient.fetchQuery({ ...roleQuery(role.id), staleTime: 0 }),
    history: { kind: 'roles', id: role.id },
  });
  const refused = refusal('update:roles');
  return (
    <>
      <ReadOnly scope="update:roles" />
      <div className="sections">
        <Section title={text.form.title} lead={text.form.lead}>
          <TextField label={text.form.fields['name']} help={text.form.nameHelp} required disabled={refused !== undefined} value={form.draft.name} onChange={(name) => form.set('name', name)} error={form.errorOf('name')} />
          <TextArea
            label={text.form.fields['description']} help={text.form.descriptionHelp} rows={2} counter={MOST} disabled={refused !== undefined}
            value={form.draft.description ?? ''} onChange={(description) => form.set('description', description)} error={form.errorOf('description')}
          />
        </Section>
        {can('delete:roles') && (
          <Section title={text.danger.title} lead={text.danger.lead} danger>
            <div className="row spread"><p className="about">{text.danger.help}</p><Button kind="danger" onClick={() => setDeleting(true)}>{text.remove.button}</Button></div>
          </Section>
        )}
      </div>
      <SaveBar form={form} refused={refused} />
      <DeleteRole role={isDeleting ? role : undefined} onClose={() => setDeleting(false)} onDeleted={() => { form.discard(); void navigate({ to: '/roles' }); }} />
    </>
  );
}
