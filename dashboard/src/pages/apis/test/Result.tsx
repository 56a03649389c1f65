import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { createGrant, updateGrant, type ClientGrant } from '../../../api/clientGrants';
import type { ResourceServer } from '../../../api/resourceServers';
import { curl } from '../../../lib/curl';
import { apis as words } from '../../../text/apis';
import { Badge, Button, ButtonLink, CodeBlock, ErrorPanel, Notice, refusal, TextField } from '../../../ui';
import { TokenReport } from '../../inspector/Report';
import { granted } from '../authorized';
import type { Answer } from './ask';

/** What came back: the token explained, or why there is none and what would help. */
export function Result({ api, answer, grant, again, isBusy }: { api: ResourceServer; answer: Answer; grant: ClientGrant | undefined; again: () => void; isBusy: boolean }) {
  const { asked } = answer;
  const isGood = 'token' in answer;
  const heading = useRef<HTMLHeadingElement>(null);
  // The answer to a button further up is below what one sees.
  useEffect(() => { heading.current?.scrollIntoView({ block: 'start' }); }, [answer]);
  return (
    <section className="stack" aria-labelledby="result-title" aria-busy={isBusy}>
      <div className="row spread">
        <h2 id="result-title" className="result-title" ref={heading}>{words.test.resultTitle}</h2>
        <div className="row small" role="status">
          <Badge kind={isGood ? 'success' : 'danger'}>{answer.status}</Badge>
          <span className="muted number">{words.test.duration(answer.ms)}</span>
          <code className="muted">{isGood ? 'seccft' : 'feccft'}</code>
          {answer.logId !== undefined && <Link to="/logs/$logId" params={{ logId: answer.logId }}>{words.test.log}</Link>}
        </div>
      </div>
      {isGood ? (
        <>
          <TokenReport token={answer.token} audience={api.identifier} scope={asked.scope} />
          <CallApi token={answer.token} />
        </>
      ) : <Refused {...{ api, answer, grant, again, isBusy }} error={answer.refusal} />}
    </section>
  );
}

function Refused({ api, answer: { asked }, error, grant, again, isBusy }: {
  api: ResourceServer;
  answer: Answer;
  error: Error & { errorCode: string | undefined };
  grant: ClientGrant | undefined;
  again: () => void;
  isBusy: boolean;
}) {
  const [isFixing, setFixing] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const wanted = asked.scope.split(' ').filter((scope) => scope !== '');
  const held = grant === undefined ? [] : granted(grant, api.scopes ?? []);
  const missing = wanted.filter((scope) => !held.includes(scope));
  const name = asked.client.name;
  const isClosed = api.subject_type_authorization?.client?.policy === 'deny_all';
  const isUnserved = api.proof_of_possession?.required === true;
  const isGrantType = asked.client.grant_types?.includes('client_credentials') === false;
  const fix = async (act: () => Promise<unknown>) => {
    setFixing(true);
    setFailure(undefined);
    try {
      await act();
      again();
    } catch (error) {
      setFailure(error);
    } finally {
      setFixing(false);
    }
  };
  const cure = isClosed || isUnserved ? { words: isClosed ? words.test.closed : words.test.unserved, action: <ButtonLink small to="/apis/$id/settings" params={{ id: api.id }}>{words.access.toSettings}</ButtonLink> }
    : isGrantType ? { words: words.test.grantType(name), action: <ButtonLink small to="/applications/$clientId/settings" params={{ clientId: asked.client.client_id }}>{words.test.toApplication}</ButtonLink> }
      : grant === undefined ? {
        words: words.test.noGrant(name, wanted),
        action: <Button kind="primary" busy={isFixing || isBusy} reason={refusal('create:client_grants')} onClick={() => void fix(() => createGrant({ client_id: asked.client.client_id, audience: api.identifier, scope: wanted }))}>{words.test.authorize}</Button>,
      }
        : missing.length > 0 ? {
          words: words.test.notHeld(name, missing),
          action: <Button kind="primary" busy={isFixing || isBusy} reason={refusal('update:client_grants')} onClick={() => void fix(() => updateGrant(grant.id, { scope: [...held, ...missing] }))}>{words.test.grantMissing}</Button>,
        } : undefined;
  return (
    <>
      <Notice kind="danger" live>
        <p className="strong"><code>{error.errorCode}</code></p>
        <p>{error.message}</p>
      </Notice>
      {cure !== undefined && <div className="well row spread"><p className="grow">{cure.words}</p>{cure.action}</div>}
      {failure !== undefined && <ErrorPanel error={failure} />}
    </>
  );
}

function CallApi({ token }: { token: string }) {
  const [url, setUrl] = useState('http://localhost:3000/');
  const command = (token: string) => curl({ url, options: ['-i'], headers: { authorization: `Bearer ${token}` } });
  return (
    <div className="stack tight">
      <h3>{words.test.callTitle}</h3>
      <TextField label={words.quick.url} mono inputMode="url" value={url} onChange={setUrl} />
      <CodeBlock label="cURL" what={words.test.callTitle} code={command(`${token.slice(0, 12)}…`)} copy={() => command(token)} />
    </div>
  );
}
