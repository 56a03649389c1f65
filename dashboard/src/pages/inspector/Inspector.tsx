import { useState } from 'react';
import { inspector as words } from '../../text/inspector';
import { Allowed, Button, PageHeader } from '../../ui';
import { KeyRound } from '../../ui/icons';
import Inspect from './Inspect';
import { IssueToken } from './IssueToken';

export default function Inspector() {
  const [isIssuing, setIssuing] = useState(false);
  const [issued, setIssued] = useState({ token: '', audience: '', scope: '' });
  return (
    <>
      <PageHeader
        title={words.title} lead={words.lead}
        actions={<Allowed scope="create:test_tokens"><Button icon={KeyRound} onClick={() => setIssuing(true)}>{words.issue}</Button></Allowed>}
      />
      <div className="inspector"><Inspect key={issued.token} {...issued} /></div>
      <IssueToken open={isIssuing} onClose={() => setIssuing(false)} onToken={setIssued} />
    </>
  );
}
