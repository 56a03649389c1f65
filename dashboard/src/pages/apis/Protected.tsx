// What an API demands of its tokens beyond a signature: encryption, binding, details.
import type { ResourceServer, TokenEncryption } from '../../api/resourceServers';
import { pemFault } from '../../lib/pem';
import { apiProtection as text } from '../../text/apiProtection';
import { Button, CopyLine, Notice, RadioCards, Select, Switch, TextArea, TextField } from '../../ui';
import { Section, type Part } from './Section';

type Algorithm = TokenEncryption['encryption_key']['alg'];

const ALGORITHMS: Algorithm[] = ['RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512'];
const fresh = (): TokenEncryption => ({ format: 'compact-nested-jwe', encryption_key: { alg: 'RSA-OAEP-256', pem: '' } });

/** A key that the server has is known by its thumbprint; its PEM is not given back. */
const isStored = (encryption: TokenEncryption) => encryption.encryption_key.pem === undefined;

/** What keeps these settings from being saved. */
export function protectionFaults({ token_encryption: encryption, authorization_details: details }: ResourceServer): Record<string, string | undefined> {
  const fault = encryption && !isStored(encryption) ? pemFault(encryption.encryption_key.pem!, 'key') : undefined;
  const types = (details ?? []).map(({ type }) => type).filter((type) => type !== '');
  return {
    'token_encryption.encryption_key.pem': fault === 'private' ? text.pemPrivate : fault === undefined ? undefined : text.pemBad,
    authorization_details: new Set(types).size === types.length ? undefined : text.detailsBad,
  };
}

export function Encryption({ form, refused }: Part) {
  const { draft, base } = form;
  const disabled = refused !== undefined;
  const encryption = draft.token_encryption ?? undefined;
  const key = encryption?.encryption_key;
  const set = (name: 'alg' | 'kid' | 'pem', value: string) => form.set(`token_encryption.encryption_key.${name}`, value === '' && name === 'kid' ? undefined : value);
  return (
    <Section id="encryption">
      <Switch label={text.encryption} help={text.encryptionHelp} checked={encryption !== undefined} disabled={disabled} onChange={(on) => form.set('token_encryption', on ? (base.token_encryption ?? fresh()) : null)} />
      {encryption !== undefined && key !== undefined && (isStored(encryption) ? (
        <div className="stack tight">
          <dl className="facts">
            <dt>{text.alg}</dt><dd>{key.alg}</dd>
            {key.kid !== undefined && <><dt>{text.kid}</dt><dd><CopyLine value={key.kid} what={text.kid} /></dd></>}
            {key.thumbprint_sha256 !== undefined && <><dt>{text.thumbprint}</dt><dd><CopyLine value={key.thumbprint_sha256} what={text.thumbprint} /></dd></>}
          </dl>
          <div><Button small disabled={disabled} onClick={() => form.set('token_encryption', fresh())}>{text.replace}</Button></div>
        </div>
      ) : (
        <>
          <div className="grid" style={{ '--column': '200px' } as object}>
            <Select label={text.alg} value={key.alg} disabled={disabled} onChange={(alg) => set('alg', alg)} options={ALGORITHMS.map((value) => ({ value, label: value }))} />
            <TextField label={text.kid} help={text.kidHelp} mono maxLength={128} disabled={disabled} value={key.kid ?? ''} onChange={(kid) => set('kid', kid)} />
          </div>
          <TextArea label={text.pem} help={text.pemHelp} required mono rows={7} disabled={disabled} value={key.pem ?? ''} onChange={(pem) => set('pem', pem)} error={form.errorOf('token_encryption.encryption_key.pem')} placeholder="-----BEGIN PUBLIC KEY-----" />
          {base.token_encryption ? <div><Button small onClick={() => form.set('token_encryption', base.token_encryption)}>{text.keep}</Button></div> : <Notice kind="warning" live>{text.encryptionWarning}</Notice>}
        </>
      ))}
    </Section>
  );
}

export function Binding({ form, refused }: Part) {
  const { draft } = form;
  const disabled = refused !== undefined;
  const proof = draft.proof_of_possession ?? undefined;
  const types = (draft.authorization_details ?? []).map(({ type }) => type);
  const choose = (mechanism: 'none' | 'dpop' | 'mtls') =>
    form.set('proof_of_possession', mechanism === 'none' ? null : { ...proof, mechanism, required: proof?.required ?? false });
  const setTypes = (typed: string) => {
    const lines = typed.split('\n');
    form.set('authorization_details', typed.trim() === '' ? null : lines.map((type) => ({ type: type.trim() })));
  };
  return (
    <Section id="binding">
      <RadioCards
        label={text.mechanism} help={text.mechanismHelp} column={180} value={proof?.mechanism ?? 'none'} onChange={choose}
        cards={(['none', 'dpop', 'mtls'] as const).map((value) => ({ value, title: text.mechanisms[value]![0], help: text.mechanisms[value]![1], disabled }))}
      />
      {proof !== undefined && <Switch label={text.required} help={text.requiredHelp} checked={proof.required} disabled={disabled} onChange={(on) => form.set('proof_of_possession.required', on)} />}
      {proof?.required === true && (
        <Select
          label={text.requiredFor} value={proof.required_for ?? 'all_clients'} disabled={disabled} onChange={(whom) => form.set('proof_of_possession.required_for', whom)}
          options={Object.entries(text.requiredFors).map(([value, label]) => ({ value, label }))}
        />
      )}
      <TextArea label={text.details} help={text.detailsHelp} mono rows={3} disabled={disabled} value={types.join('\n')} onChange={setTypes} error={form.errorOf('authorization_details')} placeholder="payment_initiation" />
    </Section>
  );
}
