// From here to the first token: what to send, what comes back, how to keep it, how an API checks it.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { config } from '../../../api/config';
import { grantsQuery } from '../../../api/clientGrants';
import { isConfidential, revealSecret, type Client } from '../../../api/clients';
import { testToken, type TestToken } from '../../../api/extras';
import { resourceServersQuery, type ResourceServer } from '../../../api/resourceServers';
import { can } from '../../../auth/me';
import { endpoints, issuer } from '../../../lib/endpoints';
import { application } from '../../../text/application';
import {
  Button, CodeBlock, CodeTabs, CopyButton, EmptyState, ErrorPanel, inspect, LiveDot, Notice, ScopePicker, Select, Skeleton, refusal, TextField, trustNote, useSearchParam, useSecret, type Snippet,
} from '../../../ui';
import { Eye, EyeOff, Play, ScanSearch, Server } from '../../../ui/icons';
import { useApplication } from '../useApplication';
import { keep } from './keep';
import { Live } from './Live';
import { noteOf } from './note';
import { People } from './People';
import { LANGUAGES, write, type HttpRequest, type Language } from './request';
import { Step } from './Step';
import { BACKENDS, PLATFORM, validate } from './validate';
import { useAttempt } from '../../../ui/useAttempt';

const text = application.quickstart;
const MASK = '••••••••••••';

export default function QuickStart() {
  const { client } = useApplication();
  const grants = useQuery(grantsQuery({ client_id: client.client_id }));
  const apis = useQuery(resourceServersQuery());
  if (!isConfidential(client)) return <People client={client} />;
  if (grants.isPending || apis.isPending) return <Skeleton lines={8} height={28} />;
  const failed = grants.error ?? apis.error;
  if (failed) return <ErrorPanel error={failed} retry={() => { void grants.refetch(); void apis.refetch(); }} />;
  const granted = apis.data!.filter((api) => grants.data!.some((grant) => grant.audience === api.identifier && (grant.subject_type ?? 'client') === 'client'));
  if (granted.length === 0) return <NoApi clientId={client.client_id} />;
  return <Machine client={client} apis={granted} scopesOf={(api) => grantedScopes(api, grants.data!)} />;
}

function grantedScopes(api: ResourceServer, grants: { audience: string; scope?: string[]; allow_all_scopes?: boolean }[]): string[] {
  const grant = grants.find((grant) => grant.audience === api.identifier);
  return grant?.allow_all_scopes === true ? (api.scopes ?? []).map((scope) => scope.value) : (grant?.scope ?? []);
}

function NoApi({ clientId }: { clientId: string }) {
  const navigate = useNavigate();
  return (
    <EmptyState
      icon={Server} title={text.noApiTitle}
      actions={<Button kind="primary" onClick={() => void navigate({ to: '/applications/$clientId/apis', params: { clientId } })}>{text.goApis}</Button>}
    >
      {text.noApi}
    </EmptyState>
  );
}

/** What stands for a secret that the reader may not see. */
const placeholder = (language: Language) => (language === 'curl' ? '$CLIENT_SECRET' : 'CLIENT_SECRET');

/** What is sent to the token endpoint; each way of proving oneself puts the secret elsewhere. */
function tokenRequest(language: Language, client: Client, audience: string, scope: string, secret: string): HttpRequest {
  const isBasic = client.token_endpoint_auth_method === 'client_secret_basic';
  const isKey = client.client_authentication_methods?.private_key_jwt !== undefined;
  const isKnown = secret !== MASK && secret !== placeholder(language);
  return {
    url: endpoints.token,
    headers: {
      'content-type': 'application/json',
      ...(isBasic && language !== 'curl' && { authorization: `Basic ${isKnown ? btoa(`${client.client_id}:${secret}`) : secret}` }),
    },
    ...(isBasic && language === 'curl' && { user: `${client.client_id}:${secret}` }),
    json: {
      grant_type: 'client_credentials',
      client_id: client.client_id,
      ...(!isBasic && !isKey && { client_secret: secret }),
      ...(isKey && { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: '$CLIENT_ASSERTION' }),
      audience,
      ...(scope !== '' && { scope }),
    },
  };
}

function Machine({ client, apis, scopesOf }: { client: Client; apis: ResourceServer[]; scopesOf: (api: ResourceServer) => string[] }) {
  const [audience, setAudience] = useSearchParam('audience');
  const [scope, setScope] = useSearchParam('scope');
  const [apiUrl, setApiUrl] = useState('http://localhost:3000/orders');
  const api = apis.find((api) => api.identifier === audience) ?? apis.find((api) => api.is_system !== true) ?? apis[0]!;
  const all = scopesOf(api);
  const picked = scope === '' ? all : scope.split(' ').filter((value) => all.includes(value));
  const asked = picked.length === all.length ? '' : picked.join(' ');
  const fetchSecret = () => revealSecret(client.client_id);
  const secret = useSecret(fetchSecret);
  const mayReveal = can('read:client_keys');
  const usesSecret = client.client_authentication_methods === undefined || client.client_authentication_methods === null;

  // Shown with a mask, copied with the real one, which is fetched only then.
  const snippets = (make: (language: Language, request: HttpRequest) => string): Snippet[] =>
    LANGUAGES.map((language) => ({
      id: language,
      label: text.steps[language],
      code: make(language, tokenRequest(language, client, api.identifier, asked, mayReveal ? secret.value ?? MASK : placeholder(language))),
      note: noteOf(language),
      ...(usesSecret && mayReveal && { copy: async () => make(language, tokenRequest(language, client, api.identifier, asked, secret.value ?? (await fetchSecret()))) }),
    }));
  const env = async () =>
    [`AUTH0_DOMAIN=${config.tenant.domain}`, `AUTH0_CLIENT_ID=${client.client_id}`, `AUTH0_CLIENT_SECRET=${await fetchSecret()}`, `AUTH0_AUDIENCE=${api.identifier}`, ''].join('\n');
  const call: Snippet[] = LANGUAGES.map((language) => ({ id: language, label: text.steps[language], code: write(language, { url: apiUrl, headers: { authorization: `Bearer ${BEARER[language]}` } }) }));
  const checked = { issuer, jwksUrl: endpoints.jwks, audience: api.identifier, algorithm: api.signing_alg ?? 'RS256', scope: picked[0] ?? 'read:orders' };

  return (
    <div className="stack loose">
      <div className="card">
        <div className="body row loose top">
          <div style={{ flex: '1 1 280px' }}>
            <Select label={text.forApi} value={api.identifier} onChange={(value) => { setScope(''); setAudience(value); }} options={apis.map((api) => ({ value: api.identifier, label: api.name ?? api.identifier }))} />
          </div>
          <div className="stack tight" style={{ flex: '1 1 220px' }}>
            <span className="label">{text.scopes}</span>
            <details><summary>{asked === '' ? `${text.scopesAll} (${all.length})` : asked}</summary><div style={{ marginTop: 8 }}><ScopePicker label={text.scopes} scopes={(api.scopes ?? []).filter((scope) => all.includes(scope.value))} value={picked} onChange={(scopes) => setScope(scopes.length === all.length ? '' : scopes.join(' '))} /></div></details>
          </div>
          {usesSecret && mayReveal && (
            <div className="stack tight">
              <span className="label">{text.secret}</span>
              <div className="row">
                <Button small icon={secret.value === undefined ? Eye : EyeOff} onClick={() => (secret.value === undefined ? void secret.reveal() : secret.hide())}>{secret.value === undefined ? text.show : text.hide}</Button>
                <CopyButton value={env} what={text.envCopied} label={text.copyEnv} />
              </div>
            </div>
          )}
        </div>
      </div>
      {!usesSecret && <Notice>{text.signs}</Notice>}
      {usesSecret && !mayReveal && <Notice>{text.noSecret}</Notice>}
      <Run client={client} api={api} scope={asked} snippets={snippets(write)} />
      <div className="grid" style={{ '--column': '420px' } as object}>
        <Step number={3} title={text.call}>
          <TextField label={text.yourUrl} mono value={apiUrl} onChange={setApiUrl} />
          <CodeTabs what={text.call} snippets={call} />
        </Step>
        <Live clientId={client.client_id} />
      </div>
      <Step number={4} title={text.keep} lead={text.keepLead}><CodeTabs what={text.keep} snippets={snippets(keep)} /></Step>
      <Step number={5} title={text.validate} lead={text.validateLead}>
        {api.signing_alg === 'HS256' && <Notice kind="warning">{text.symmetric}</Notice>}
        <CodeTabs what={text.validate} memory="backend" snippets={BACKENDS.map((backend) => ({ id: backend, label: text.backends[backend], code: validate(backend, checked), note: trustNote(PLATFORM[backend]) }))} />
      </Step>
    </div>
  );
}

/** How each language names the token that was got before. */
const BEARER: Record<Language, string> = {
  curl: '$TOKEN', csharp: 'ACCESS_TOKEN', go: 'ACCESS_TOKEN', java: 'ACCESS_TOKEN', node: 'ACCESS_TOKEN', php: 'ACCESS_TOKEN', python: 'ACCESS_TOKEN', ruby: 'ACCESS_TOKEN', rust: 'ACCESS_TOKEN',
};

function Run({ client, api, scope, snippets }: { client: Client; api: ResourceServer; scope: string; snippets: Snippet[] }) {
  const [answer, setAnswer] = useState<TestToken>();
  const { isBusy, error, attempt } = useAttempt();
  const run = async () => {
    setAnswer(undefined);
    await attempt(async () => {
      setAnswer(await testToken({ client_id: client.client_id, audience: api.identifier, ...(scope !== '' && { scope }) }));
    });
  };
  const sample = { access_token: 'eyJ…', ...(scope !== '' && { scope }), expires_in: api.token_lifetime ?? 86400, token_type: 'Bearer' };
  const { access_token: token = '', duration_ms: ms = 0, log_id: _, ...rest } = answer ?? {};
  return (
    <>
      <Step number={1} title={text.getToken} lead={text.getTokenLead}>
        <CodeTabs what={text.getToken} snippets={snippets} actions={<Button small kind="primary" icon={Play} busy={isBusy} reason={refusal('create:test_tokens')} onClick={() => void run()}>{isBusy ? text.running : text.run}</Button>} />
      </Step>
      <Step number={2} title={text.response} lead={answer === undefined && error === undefined ? text.responseLead : undefined}>
        {answer !== undefined && <div role="status"><LiveDot state="on">{text.responseRan(ms)}</LiveDot></div>}
        {error !== undefined && <ErrorPanel error={error} retry={() => void run()} />}
        {error === undefined && <CodeBlock what={text.response} code={JSON.stringify(answer === undefined ? sample : { access_token: `${token.slice(0, 40)}…`, ...rest }, null, 2)} copy={() => (answer === undefined ? JSON.stringify(sample, null, 2) : token)} />}
        {answer !== undefined && <div><Button icon={ScanSearch} onClick={() => inspect({ token, audience: api.identifier, ...(scope !== '' && { scope }) })}>{text.inspect}</Button></div>}
      </Step>
    </>
  );
}
