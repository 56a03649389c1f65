// The backend's side: how an API comes to believe the tokens that are issued for it.
import { useMemo, useState } from 'react';
import { revealSigningSecret, type ResourceServer } from '../../api/resourceServers';
import { curl } from '../../lib/curl';
import { apis as words } from '../../text/apis';
import { ButtonLink, CodeBlock, CodeTabs, CopyLine, Notice, SecretField, Select, Skeleton, TextField, trustNote } from '../../ui';
import { KeyRound } from '../../ui/icons';
import { isManagementApi } from './kinds';
import { apiOf, frameworks } from './snippets';
import { useApi } from './useApi';

export default function QuickStart() {
  const read = useApi();
  return read === undefined ? <Skeleton lines={8} height={24} /> : <Steps key={read.value.id} api={read.value} />;
}

function Steps({ api }: { api: ResourceServer }) {
  const scopes = api.scopes ?? [];
  const [scope, setScope] = useState(scopes[0]?.value ?? '');
  const shown = useMemo(() => apiOf(api, scope === '' ? undefined : scope), [api, scope]);
  const snippets = useMemo(() => frameworks(shown), [shown]);
  const [url, setUrl] = useState<string>();
  const called = url ?? `http://localhost:3000${shown.path}`;
  if (isManagementApi(api)) {
    return <Notice action={<ButtonLink small to="/apis/$id/explorer" params={{ id: api.id }}>{words.tabs.explorer}</ButtonLink>}>{words.quick.system}</Notice>;
  }
  return (
    <div className="stack loose">
      <p className="muted measure">{words.quick.lead}</p>
      <Step number={1} title={words.quick.checksTitle}>
        <dl className="facts well">
          <dt>{words.quick.issuer}</dt><dd><CopyLine value={shown.issuer} what={words.quick.issuer} /></dd>
          <dt>{words.audience}</dt><dd><CopyLine value={shown.audience} what={words.audience} /></dd>
          <dt>{words.algorithm}</dt><dd><code>{shown.algorithm}</code>{shown.isAtJwt && <span className="muted"> {words.quick.atJwt}</span>}</dd>
          {shown.isSymmetric
            ? <><dt>{words.signingSecret}</dt><dd><SecretField what={words.signingSecret} fetch={() => revealSigningSecret(api.id)} /></dd></>
            : <><dt>{words.quick.keys}</dt><dd><CopyLine value={shown.jwks} what={words.quick.keys} /></dd></>}
        </dl>
      </Step>
      <Step
        number={2} title={words.quick.validateTitle}
        aside={scopes.length > 0 && (
          <div className="needed">
            <Select label={words.quick.needed} value={scope} onChange={setScope} options={[{ value: '', label: words.quick.neededNone }, ...scopes.map(({ value }) => ({ value, label: value }))]} />
          </div>
        )}
      >
        <CodeTabs memory="framework" what={words.quick.install} snippets={snippets.map(({ id, label, install }) => ({ id, label, code: install }))} />
        <CodeTabs memory="framework" what={words.quick.validate} snippets={snippets.map(({ id, label, code, platform }) => ({ id, label, code, ...(!shown.isSymmetric && { note: trustNote(platform) }) }))} />
        {['PS256', 'RS512'].includes(shown.algorithm) && <Notice kind="warning">{words.quick.oneAlgorithm(shown.algorithm)}</Notice>}
        {shown.isSymmetric && <Notice>{words.quick.secretFrom}</Notice>}
      </Step>
      <Step number={3} title={words.quick.callTitle}>
        <p className="muted measure">{words.quick.callBody}</p>
        <TextField label={words.quick.url} mono value={called} onChange={setUrl} inputMode="url" />
        <CodeBlock label="cURL" what={words.quick.callTitle} code={curl({ url: called, options: ['-i'], headers: { authorization: 'Bearer $TOKEN' } })} />
        <ul className="outcomes">
          <li><code>200</code> {words.quick.ok}</li>
          <li><code>401</code> {words.quick.unauthorized}</li>
          {scope !== '' && <li><code>403</code> {words.quick.forbidden(scope)}</li>}
        </ul>
        <div className="row">
          <ButtonLink icon={KeyRound} to="/apis/$id/test" params={{ id: api.id }}>{words.quick.getToken}</ButtonLink>
          <ButtonLink to="/inspector" kind="quiet">{words.quick.inspect}</ButtonLink>
        </div>
      </Step>
    </div>
  );
}

function Step({ number, title, aside, children }: { number: number; title: string; aside?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className="stack step" aria-label={title}>
      <div className="row spread top"><h2><span className="count" aria-hidden>{number}</span>{title}</h2>{aside}</div>
      {children}
    </section>
  );
}
