import { useQuery } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import { tenantsQuery } from '../../api/tenant';
import { shell } from '../../text/shell';
import { administrators as text } from '../../text/administrators';
import { Checkbox, FieldError, Notice, RadioCards } from '../../ui';
import { AREAS, faultsOf, type Access } from './access';

const words = text.form;

/** Roles as cards, and all or some tenants. */
export function AccessFields({ value, onChange, isTried }: { value: Access; onChange: (value: Access) => void; isTried: boolean }) {
  const tenants = useQuery(tenantsQuery());
  const faults: Partial<ReturnType<typeof faultsOf>> = isTried ? faultsOf(value) : {};
  const change = (part: Partial<Access>) => onChange({ ...value, ...part });
  // Names that are no longer there can still be taken away.
  const names = [...new Set([...(tenants.data ?? []).map(({ name }) => name), ...value.tenants])];
  const tag = (name: string) => tenants.data?.find((tenant) => tenant.name === name)?.environment;
  return (
    <>
      <RadioCards
        label={words.level} value={value.level} onChange={(level) => change({ level })} column={160}
        cards={[
          { value: 'viewer', title: words.viewer, help: words.viewerHelp },
          { value: 'viewer_users', title: words.viewerUsers, help: words.viewerUsersHelp },
          { value: 'editor', title: words.editor, help: words.editorHelp },
          { value: 'admin', title: words.admin, help: words.adminHelp },
        ]}
      />
      {value.level === 'editor' && (
        <Group label={words.areas} fault={faults.areas}>
          {AREAS.map((area) => (
            <Checkbox key={area} label={words[area]} help={words[`${area}Help`]} checked={value.areas.includes(area)} onChange={(on) => change({ areas: AREAS.filter((other) => (other === area ? on : value.areas.includes(other))) })} />
          ))}
        </Group>
      )}
      <RadioCards
        label={words.where} value={value.isEverywhere ? 'all' : 'some'} onChange={(where) => change({ isEverywhere: where === 'all' })} column={200}
        cards={[{ value: 'all', title: words.everywhere, help: words.everywhereHelp }, { value: 'some', title: words.some, help: words.someHelp }]}
      />
      {!value.isEverywhere && (
        <Group label={words.tenants} fault={faults.tenants}>
          {names.map((name) => {
            const environment = tag(name);
            return (
              <Checkbox
                key={name} label={<span className="row"><span className="anywhere">{name}</span>{environment !== undefined && <span className="environment" data-environment={environment}>{shell.environmentShort[environment]}</span>}</span>}
                checked={value.tenants.includes(name)} onChange={(on) => change({ tenants: names.filter((other) => (other === name ? on : value.tenants.includes(other))) })}
              />
            );
          })}
        </Group>
      )}
      {value.level === 'admin' && !value.isEverywhere && <Notice>{words.adminSome}</Notice>}
    </>
  );
}

function Group({ label, fault, children }: { label: string; fault: string | undefined; children: ReactNode }) {
  const id = useId();
  return (
    <fieldset className="field well" {...(fault !== undefined && { 'aria-describedby': id })}>
      <legend className="sr">{label}</legend>
      <div className="stack tight" style={{ maxHeight: 220, overflowY: 'auto' }}>{children}</div>
      {fault !== undefined && <FieldError id={id}>{fault}</FieldError>}
    </fieldset>
  );
}
