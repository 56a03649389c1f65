// What was not delivered, with its links. Only who administers everything looks in here.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { emptyMailbox, mailboxQuery, removeMail, type Mail } from '../../api/emails';
import { can } from '../../auth/me';
import { showAgo, showTime } from '../../lib/time';
import { emails } from '../../text/emails';
import { Button, ConfirmDialog, CopyLine, DataTable, Drawer, EmptyState, ErrorPanel, FilterInput, LiveDot, Notice, Skeleton, toast, useSearchParam, type Column } from '../../ui';
import { Mail as MailIcon, Trash2 } from '../../ui/icons';
import { Stage } from '../../ui/Stage';
import { currentTheme } from '../../ui/theme';
import '../branding/branding.css';

const text = emails.mailbox;
const DOTS = { kept: 'off', waiting: 'warning', failed: 'error' } as const;

export default function Mailbox() {
  return can('read:mailbox') ? <Mails /> : <Notice>{text.refused}</Notice>;
}

const kindOf = ({ template }: Mail) => (template === null ? '' : (emails.kinds[template]?.[0] ?? template));
const State = ({ mail }: { mail: Mail }) => <LiveDot state={DOTS[mail.state]}>{text.states[mail.state]}</LiveDot>;

function Mails() {
  const mails = useQuery(mailboxQuery());
  const [find, setFind] = useSearchParam('q');
  const [opened, setOpened] = useSearchParam('mail');
  const [isClearing, setClearing] = useState(false);
  if (mails.isPending) return <Skeleton lines={5} height={40} />;
  if (mails.isError) return <ErrorPanel error={mails.error} retry={() => void mails.refetch()} />;
  if (mails.data.length === 0) return <EmptyState icon={MailIcon} title={text.empty}>{text.emptyBody}</EmptyState>;
  const shown = mails.data.filter(({ to, subject }) => [to, subject].some((one) => one.toLowerCase().includes(find.trim().toLowerCase())));
  const columns: Column<Mail>[] = [
    { key: 'subject', header: text.subject, sort: ({ subject }) => subject, cell: (mail) => <><button type="button" className="button link anywhere mail" aria-label={text.open(mail.subject)} onClick={() => setOpened(mail.id)}>{mail.subject}</button><div className="muted small">{kindOf(mail)}</div></> },
    { key: 'to', header: text.to, sort: ({ to }) => to, cell: ({ to }) => <span className="anywhere">{to}</span> },
    { key: 'state', header: text.state, sort: ({ state }) => state, cell: (mail) => <State mail={mail} /> },
    { key: 'at', header: text.at, sort: ({ created_at }) => created_at, cell: ({ created_at }) => <time dateTime={created_at} title={showTime(created_at)}>{showAgo(created_at)}</time> },
  ];
  const open = mails.data.find(({ id }) => id === opened);
  return (
    <div className="stack">
      <p className="muted measure">{text.lead}</p>
      <div className="row spread">
        <FilterInput label={text.filter} value={find} onChange={setFind} />
        {can('delete:mailbox') && <Button icon={Trash2} onClick={() => setClearing(true)}>{text.clear}</Button>}
      </div>
      {shown.length === 0 ? <p className="muted" role="status">{text.none(find)}</p> : <DataTable label={text.table} columns={columns} rows={shown} rowKey={({ id }) => id} initialSort="-at" />}
      {open !== undefined && <Opened mail={open} onClose={() => setOpened('')} />}
      <ConfirmDialog open={isClearing} onClose={() => setClearing(false)} title={text.clearTitle} confirm={text.clear} act={async () => { await emptyMailbox(); toast(text.cleared); }}>
        <p>{text.clearEffect}</p>
      </ConfirmDialog>
    </div>
  );
}

function Opened({ mail, onClose }: { mail: Mail; onClose: () => void }) {
  const remove = async () => {
    await removeMail(mail.id);
    toast(text.removed);
    onClose();
  };
  return (
    <Drawer open onClose={onClose} title={mail.subject} width={640} actions={can('delete:mailbox') && <Button small icon={Trash2} onClick={() => void remove()}>{text.remove}</Button>}>
      <div className="stack">
        {mail.problem !== null && <Notice kind="danger">{mail.problem}</Notice>}
        <dl className="facts">
          <dt>{text.to}</dt><dd>{mail.to}</dd>
          <dt>{text.from}</dt><dd>{mail.from}</dd>
          <dt>{text.state}</dt><dd><State mail={mail} /></dd>
          {mail.attempts > 0 && <><dt>{text.attempts}</dt><dd>{mail.attempts}</dd></>}
          {mail.code !== null && <><dt>{text.code}</dt><dd><CopyLine value={mail.code} what={text.code} /></dd></>}
          {mail.link !== null && <><dt>{text.link}</dt><dd className="stack tight"><CopyLine value={mail.link} what={text.link} /><span><a href={mail.link} target="_blank" rel="noreferrer">{text.openLink}</a></span></dd></>}
        </dl>
        <Stage html={mail.html} title={text.previewOf(mail.subject)} width={600} height={680} scheme={currentTheme() === 'dark' ? 'dark' : 'light'} />
      </div>
    </Drawer>
  );
}
