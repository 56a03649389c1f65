import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { config, tenantUrl } from '../../api/config';
import { signingKeysQuery, type SigningKey } from '../../api/keys';
import { resourceServersQuery } from '../../api/resourceServers';
import { can } from '../../auth/me';
import { resumed } from '../../auth/resume';
import { tenant } from '../../text/tenant';
import { Allowed, Button, CopyLine, ErrorPanel, LiveDot, Section, Skeleton } from '../../ui';
import { RotateCw } from '../../ui/icons';
import { CertificateDialog } from './keys/CertificateDialog';
import { EncryptionKeys } from './keys/EncryptionKeys';
import { KeyCard } from './keys/KeyCard';
import { KeyPolicySection } from './keys/KeyPolicy';
import { lastExpiry, longestLifetime } from './keys/lifetime';
import { RevokeDialog, RotateDialog, type ToRevoke } from './keys/dialogs';

const text = tenant.keys;

export default function SigningKeys() {
  const keys = useQuery(signingKeysQuery());
  const apis = useQuery({ ...resourceServersQuery(), enabled: can('read:resource_servers') });
  const [shown, setShown] = useState<SigningKey>();
  const [isRotating, setRotating] = useState(false);
  const [toRevoke, setToRevoke] = useState(() => resumed<ToRevoke>('revoke-key'));
  if (keys.isPending) return <Skeleton lines={8} height={28} />;
  if (keys.isError) return <ErrorPanel error={keys.error} retry={() => void keys.refetch()} />;

  const [current, next, previous] = (['current', 'next', 'previous'] as const).map((state) => keys.data.find((key) => key[state] === true));
  const revoked = keys.data.filter((key) => key.revoked === true);
  const expiry = lastExpiry(previous, longestLifetime(apis.data));
  return (
    <>
      <div className="sections">
        <Section
          title={text.title} lead={text.lead}
          aside={<Allowed scope="update:signing_keys"><div><Button icon={RotateCw} onClick={() => setRotating(true)}>{text.rotate}</Button></div></Allowed>}
        >
          <dl className="facts"><dt>{text.jwks}</dt><dd><CopyLine value={`${tenantUrl}/.well-known/jwks.json`} what={text.jwks} /></dd></dl>
          <ul className="stack">
            {current !== undefined && <KeyCard state="current" signingKey={current} onShow={setShown} onRevoke={() => setToRevoke({ kid: current.kid, isAgain: false, isCurrent: true })} />}
            {next !== undefined && <KeyCard state="next" signingKey={next} onShow={setShown} />}
            {previous === undefined ? <li className="card"><div className="body stack tight"><span className="strong"><LiveDot state="off">{text.previous}</LiveDot></span><p className="muted small">{text.none}</p></div></li>
              : <KeyCard state="previous" signingKey={previous} expiry={expiry} onShow={setShown} onRevoke={() => setToRevoke({ kid: previous.kid, isAgain: false, isCurrent: false })} />}
          </ul>
          <p className="muted small">{text.companions}</p>
        </Section>
        <KeyPolicySection />
        {revoked.length > 0 && (
          <Section title={text.revokedTitle} lead={text.revokedLead}>
            <ul className="stack">{revoked.map((key) => <KeyCard key={key.kid} state="revoked" signingKey={key} onShow={setShown} />)}</ul>
          </Section>
        )}
        <Allowed scope="read:encryption_keys"><EncryptionKeys /></Allowed>
      </div>
      <CertificateDialog signingKey={shown} onClose={() => setShown(undefined)} />
      <RotateDialog open={isRotating} onClose={() => setRotating(false)} next={next} previous={previous} expiry={expiry} />
      <RevokeDialog asked={toRevoke} onClose={() => setToRevoke(undefined)} expiry={expiry} tenant={config.tenant.name} />
    </>
  );
}
