// Which mails there are, which are sent, and in whose words.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { kindsQuery, type Kind } from '../../api/emails';
import { emails } from '../../text/emails';
import { Badge, DataTable, ErrorPanel, LiveDot, Skeleton, type Column } from '../../ui';

const text = emails.templates;

const COLUMNS: Column<Kind>[] = [
  {
    key: 'mail', header: text.mail,
    cell: ({ template }) => {
      const [name, what] = emails.kinds[template] ?? [template, ''];
      return <><Link to="/emails/templates/$name" params={{ name: template }} className="strong">{name}</Link><div className="muted small">{what}</div></>;
    },
  },
  { key: 'words', header: text.words, cell: ({ is_own }) => (is_own ? <Badge kind="accent">{text.own}</Badge> : <span className="muted">{text.ours}</span>) },
];
const STATE: Column<Kind> = { key: 'state', header: text.state, cell: ({ is_sent }) => <LiveDot state={is_sent ? 'on' : 'off'}>{is_sent ? text.on : text.off}</LiveDot> };

export default function Templates() {
  const kinds = useQuery(kindsQuery());
  if (kinds.isPending) return <Skeleton lines={6} height={44} />;
  if (kinds.isError) return <ErrorPanel error={kinds.error} retry={() => void kinds.refetch()} />;
  const [served, others] = [kinds.data.filter(({ is_served }) => is_served), kinds.data.filter(({ is_served }) => !is_served)];
  return (
    <div className="stack loose">
      <p className="muted measure">{text.lead}</p>
      <DataTable label={text.table} columns={[COLUMNS[0]!, STATE, COLUMNS[1]!]} rows={served} rowKey={({ template }) => template} />
      <section className="stack tight" aria-labelledby="others">
        <h2 id="others">{text.others}</h2>
        <p className="muted measure">{text.othersLead}</p>
        <DataTable label={text.others} columns={COLUMNS} rows={others} rowKey={({ template }) => template} sortParam="others" />
      </section>
    </div>
  );
}
