import { tenant } from '../../text/tenant';
import { Section, Switch, TextField } from '../../ui';
import { mayEdit, type TenantForm } from './form';

const text = tenant.quotas;

/** How many tokens applications and organizations may get that have no quota of their own. */
export function DefaultQuotas({ form }: { form: TenantForm }) {
  return (
    <Section title={text.title} lead={text.lead}>
      <One form={form} of="clients" />
      <One form={form} of="organizations" />
    </Section>
  );
}

function One({ form, of }: { form: TenantForm; of: 'clients' | 'organizations' }) {
  const quota = form.draft.default_token_quota?.[of]?.client_credentials;
  // A quota without a number is none.
  const set = (change: object) => {
    const { enforce, per_hour: hour, per_day: day } = { ...quota, ...change };
    const { [of]: _, ...others } = form.draft.default_token_quota ?? {};
    const own = hour === undefined && day === undefined ? {} : { [of]: { client_credentials: { enforce: enforce ?? true, ...(hour !== undefined && { per_hour: hour }), ...(day !== undefined && { per_day: day }) } } };
    const all = { ...others, ...own };
    form.set('default_token_quota', Object.keys(all).length === 0 ? undefined : all);
  };
  const number = (name: 'per_hour' | 'per_day') => ({
    inputMode: 'numeric' as const, disabled: !mayEdit(), error: form.errorOf(`default_token_quota.${of}`),
    value: quota?.[name] === undefined ? '' : Number.isNaN(quota[name]) ? '?' : String(quota[name]),
    onChange: (typed: string) => set({ [name]: typed.trim() === '' ? undefined : /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : Number.NaN }),
  });
  return (
    <div className="stack tight" role="group" aria-label={text[of]}>
      <h3>{text[of]}</h3>
      <div className="grid" style={{ '--column': '160px' } as object}>
        <TextField label={text.perHour} {...number('per_hour')} />
        <TextField label={text.perDay} {...number('per_day')} />
      </div>
      {quota !== undefined && <Switch label={text.enforce} help={text.enforceHelp} checked={quota.enforce !== false} disabled={!mayEdit()} onChange={(enforce) => set({ enforce })} />}
    </div>
  );
}
