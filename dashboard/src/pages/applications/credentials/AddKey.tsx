import { useState } from 'react';
import { addCredential, type Client, type NewCredential } from '../../../api/clients';
import { pemFault } from '../../../lib/pem';
import { credentials as text } from '../../../text/credentials';
import { ui } from '../../../text/ui';
import { Button, Checkbox, Dialog, ErrorPanel, RadioCards, Select, TextArea, TextField, toast } from '../../../ui';
import { useAttempt } from '../../../ui/useAttempt';
import { ALGORITHMS, keyName, type Kind } from './method';

const FAULTS = { private: text.keyPemPrivate, key: text.keyPemBad, certificate: text.certificateBad };

/** A public key, a certificate, or the subject that a certificate must have. */
export function AddKey({ client, first, onClose }: { client: Client; first: Kind; onClose: () => void }) {
  const [kind, setKind] = useState<Kind>(first);
  const [name, setName] = useState('');
  const [pem, setPem] = useState('');
  const [subject, setSubject] = useState('');
  const [alg, setAlg] = useState<NonNullable<NewCredential['alg']>>('RS256');
  const [days, setDays] = useState('never');
  const [isUntilCertificate, setUntilCertificate] = useState(true);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const found = kind === 'cert_subject_dn' ? undefined : pemFault(pem, kind === 'x509_cert' ? 'certificate' : 'key');
  const fault = found && FAULTS[found];
  const isSubjectMissing = kind === 'cert_subject_dn' && subject.trim() === '';
  const add = async () => {
    setTried(true);
    if (fault !== undefined || isSubjectMissing) return;
    await attempt(async () => {
      const what = kind === 'cert_subject_dn' ? { subject_dn: subject.trim() } : { pem: pem.trim(), ...(kind === 'public_key' && { alg }) };
      const expires = kind === 'x509_cert' && isUntilCertificate ? { parse_expiry_from_cert: true }
        : days === 'never' ? {} : { expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString() };
      const key = await addCredential(client.client_id, { credential_type: kind, ...what, ...(name !== '' && { name }), ...expires });
      toast(text.keyAdded(keyName(key)));
      onClose();
    });
  };
  return (
    <Dialog open onClose={onClose} firm={pem !== '' || subject !== ''} title={text.addKey} width={640} footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} onClick={() => void add()}>{text.addKey}</Button></>}>
      <RadioCards label={text.kind} value={kind} onChange={setKind} column={170} cards={(Object.keys(text.kinds) as Kind[]).map((value) => ({ value, title: text.kinds[value]![0], help: text.kinds[value]![1] }))} />
      <TextField label={text.keyName} value={name} onChange={setName} maxLength={128} placeholder="nightly-job 2026" />
      {kind === 'cert_subject_dn' ? (
        <TextField label={text.subject} help={text.subjectHelp} required mono value={subject} onChange={setSubject} maxLength={256} error={isTried && isSubjectMissing ? text.subjectMissing : undefined} />
      ) : (
        <TextArea
          label={kind === 'x509_cert' ? text.certificatePem : text.keyPem} help={kind === 'x509_cert' ? text.certificatePemHelp : text.keyPemHelp} required mono rows={8} value={pem} onChange={setPem}
          error={isTried || found === 'private' ? fault : undefined} placeholder={kind === 'x509_cert' ? '-----BEGIN CERTIFICATE-----' : '-----BEGIN PUBLIC KEY-----'}
        />
      )}
      <div className="grid" style={{ '--column': '200px' } as object}>
        {kind === 'public_key' && <Select label={text.keyAlg} value={alg} onChange={setAlg} options={ALGORITHMS.map((value) => ({ value, label: value }))} />}
        {!(kind === 'x509_cert' && isUntilCertificate) && (
          <Select label={text.keyExpiry} value={days} onChange={setDays} options={Object.entries(text.keyExpiries).sort(([one], [other]) => (one === 'never' ? -1 : other === 'never' ? 1 : 0)).map(([value, label]) => ({ value, label }))} />
        )}
      </div>
      {kind === 'x509_cert' && <Checkbox label={`${text.keyExpiry}: ${text.withCertificate}`} checked={isUntilCertificate} onChange={setUntilCertificate} />}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}
