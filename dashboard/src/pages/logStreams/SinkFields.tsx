// What a service has to be told, as fields.
import { useRef } from 'react';
import { secretOf, type CustomHeader, type Sink, type StreamKind } from '../../api/logStreams';
import { can } from '../../auth/me';
import { KEPT } from '../../lib/secrets';
import { logStreams as words } from '../../text/logStreams';
import { Button, FieldError, IconButton, SecretField, Select, TextField } from '../../ui';
import { Plus, X } from '../../ui/icons';
import { headerFault, MEMBERS, type Member } from './kinds';

const text = words.settings;
const MOST_HEADERS = 20;

export function SinkFields({ kind, sink, set, errorOf, disabled, stored }: {
  kind: StreamKind;
  sink: Sink;
  set: (member: string, value: unknown) => void;
  errorOf: (member: string) => string | undefined;
  disabled?: boolean;
  /** The stream that is changed, and what of it is stored. */
  stored?: { id: string; sink: Sink };
}) {
  const common = ({ name, optional }: Member) => {
    const [label, help] = words.fields[name]!;
    return { label, ...(help !== '' && { help }), required: optional !== true, disabled, error: errorOf(name) };
  };
  return (
    <>
      {MEMBERS[kind].map((member) => {
        const { name } = member;
        const options = words.options[name];
        if (options !== undefined) return <Select key={name} {...common(member)} required={false} value={String(sink[name] ?? Object.keys(options)[0])} options={Object.entries(options).map(([value, label]) => ({ value, label }))} onChange={(value) => set(name, value)} />;
        if (member.secret === true) return <Secret key={name} member={member} field={common(member)} value={sink[name] as string | undefined} set={(value) => set(name, value)} stored={stored !== undefined && name in stored.sink ? stored.id : undefined} />;
        return <TextField key={name} {...common(member)} mono value={String(sink[name] ?? '')} onChange={(value) => set(name, value === '' && member.optional === true ? undefined : value)} />;
      })}
      {kind === 'http' && <Headers headers={sink.httpCustomHeaders ?? []} hasAuthorization={sink['httpAuthorization'] !== undefined} set={(headers) => set('httpCustomHeaders', headers)} disabled={disabled === true} />}
    </>
  );
}

/** What is not read before somebody asks for it; an empty field leaves what is stored. */
function Secret({ member, field, value, set, stored }: { member: Member; field: { label: string; help?: string; required: boolean; disabled: boolean | undefined; error: string | undefined }; value: string | undefined; set: (value: string | undefined) => void; stored: string | undefined }) {
  const isRemoved = stored !== undefined && value === undefined;
  // Of Mixpanel's password the server tells nobody.
  const isReadable = stored !== undefined && member.name !== 'mixpanelServiceAccountPassword' && can('update:log_streams');
  return (
    <div className="stack tight">
      <TextField
        {...field} type="password" autoComplete="new-password" mono value={value === KEPT ? '' : value ?? ''} required={field.required && stored === undefined}
        help={isRemoved ? text.secretRemoved : <>{field.help} {stored !== undefined && text.keep}</>}
        {...(stored !== undefined && !isRemoved && { placeholder: text.stored })}
        onChange={(typed) => set(typed !== '' ? typed : stored === undefined ? undefined : KEPT)}
      />
      {stored !== undefined && !isRemoved && (
        <div className="row">
          {isReadable && <SecretField what={field.label} fetch={() => secretOf(stored, member.name)} />}
          {member.optional === true && <Button small disabled={field.disabled} onClick={() => set(undefined)}>{text.removeSecret(field.label)}</Button>}
        </div>
      )}
    </div>
  );
}

function Headers({ headers, hasAuthorization, set, disabled }: { headers: CustomHeader[]; hasAuthorization: boolean; set: (headers: CustomHeader[] | undefined) => void; disabled: boolean }) {
  const list = useRef<HTMLDivElement>(null);
  const put = (row: number, ...header: CustomHeader[]) => {
    const next = [...headers.slice(0, row), ...header, ...headers.slice(row + 1)];
    set(next.length === 0 ? undefined : next);
  };
  const add = () => {
    set([...headers, { header: '', value: '' }]);
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('.field')[headers.length]?.querySelector('input')?.focus());
  };
  return (
    <fieldset className="field">
      <legend className="label" style={{ marginBottom: 4 }}>{text.headers}</legend>
      <div className="help" style={{ marginBottom: 4 }}>{text.headersHelp}</div>
      <div className="stack tight" ref={list}>
        {headers.map(({ header, value }, row) => {
          const isKept = value === KEPT;
          const error = header === '' ? undefined : headerFault(headers, row, hasAuthorization);
          return (
            <div key={row} className="field">
              <div className="input-row">
                <input className="input mono" aria-label={text.header(row + 1)} value={header} disabled={disabled} {...(error !== undefined && { 'aria-invalid': true })} onChange={(event) => put(row, { header: event.target.value, value })} />
                <input className="input mono" type="password" autoComplete="new-password" aria-label={text.headerValue(row + 1)} {...(isKept && { placeholder: text.stored })} value={isKept ? '' : value} disabled={disabled} onChange={(event) => put(row, { header, value: event.target.value })} />
                <IconButton icon={X} label={text.removeHeader(header)} disabled={disabled} onClick={() => put(row)} />
              </div>
              {error !== undefined && <FieldError>{error}</FieldError>}
            </div>
          );
        })}
        <div><Button small icon={Plus} disabled={disabled || headers.length >= MOST_HEADERS} onClick={add}>{text.addHeader}</Button></div>
      </div>
    </fieldset>
  );
}
