import { isConfidential, type Client } from '../../../api/clients';
import { endpoints, issuer } from '../../../lib/endpoints';
import { application } from '../../../text/application';
import { applications } from '../../../text/applications';
import { CodeBlock, CodeTabs, CopyLine } from '../../../ui';
import { noteOf } from './note';
import { LANGUAGES, write } from './request';
import { Step } from './Step';

const text = application.quickstart;

/** For applications that people sign in with and that keep no secret. */
export function People({ client }: { client: Client }) {
  const callback = client.callbacks?.find((url) => url !== '') ?? 'http://localhost:3000/callback';
  const url = `${endpoints.authorize}?${new URLSearchParams({
    response_type: 'code', client_id: client.client_id, redirect_uri: callback, scope: 'openid profile email', code_challenge_method: 'S256',
  })}&code_challenge=$CODE_CHALLENGE&state=$STATE`;
  const exchange = LANGUAGES.map((language) => ({
    id: language,
    label: text.steps[language],
    code: write(language, {
      url: endpoints.token,
      headers: { 'content-type': 'application/json' },
      json: { grant_type: 'authorization_code', client_id: client.client_id, code: '$CODE', code_verifier: '$CODE_VERIFIER', redirect_uri: callback },
    }),
    note: noteOf(language),
  }));
  return (
    <div className="stack loose">
      <div>
        <h2>{text.publicTitle}</h2>
        {!isConfidential(client) && <p className="muted measure">{text.publicLead}</p>}
      </div>
      <dl className="facts">
        <dt>{application.settings.endpoints.openid}</dt><dd><CopyLine value={endpoints.openid} what={application.settings.endpoints.openid} /></dd>
        <dt>{applications.clientId}</dt><dd><CopyLine value={client.client_id} what={applications.clientIdOf(client.name)} /></dd>
        <dt>Issuer</dt><dd><CopyLine value={issuer} what="issuer" /></dd>
      </dl>
      <Step number={1} title={text.authorizeUrl}><CodeBlock what={text.authorizeUrl} code={url} /></Step>
      <Step number={2} title={text.exchange}><CodeTabs what={text.exchange} snippets={exchange} /></Step>
    </div>
  );
}
