// What an action was each time it was deployed, and the way back.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { revertAction, versionsQuery, type ActionVersion } from '../../api/actions';
import { can } from '../../auth/me';
import { showAgo } from '../../lib/time';
import { actions } from '../../text/actions';
import { Badge, Button, CodeBlock, ConfirmDialog, DataTable, Dialog, ErrorPanel, ReadOnly, Skeleton, toast, type Column } from '../../ui';

const text = actions.versions;

export default function Versions() {
  const { id } = useParams({ from: '/actions/library/$id/versions' });
  const versions = useQuery(versionsQuery(id));
  const [showing, setShowing] = useState<ActionVersion>();
  const [reverting, setReverting] = useState<ActionVersion>();
  if (versions.isPending) return <Skeleton lines={4} height={36} />;
  if (versions.isError) return <ErrorPanel error={versions.error} retry={() => void versions.refetch()} />;
  const columns: Column<ActionVersion>[] = [
    { key: 'number', header: text.number, sort: ({ number }) => number, cell: ({ number, deployed }) => <span className="row" style={{ gap: 6 }}><span className="strong">{number}</span>{deployed && <Badge>{text.live}</Badge>}</span> },
    { key: 'made', header: text.made, cell: ({ created_at }) => <time dateTime={created_at}>{showAgo(created_at)}</time> },
    {
      key: 'actions', header: actions.menu, actions: true,
      cell: (version) => (
        <span className="row nowrap">
          <Button small aria-label={text.showOf(version.number)} onClick={() => setShowing(version)}>{text.show}</Button>
          {!version.deployed && can('create:actions') && <Button small aria-label={text.revertOf(version.number)} onClick={() => setReverting(version)}>{text.revert}</Button>}
        </span>
      ),
    },
  ];
  return (
    <div className="stack">
      <ReadOnly scope="create:actions" />
      <p className="muted measure">{text.lead}</p>
      {versions.data.length === 0 ? <p className="muted">{text.empty}</p> : <DataTable label={text.label} columns={columns} rows={versions.data} rowKey={({ id }) => id} initialSort="-number" />}
      {showing !== undefined && (
        <Dialog open onClose={() => setShowing(undefined)} title={text.codeOf(showing.number)} width={760}>
          <CodeBlock label={text.codeOf(showing.number)} what={text.codeOf(showing.number)} code={showing.code} />
        </Dialog>
      )}
      {reverting !== undefined && (
        <ConfirmDialog
          open onClose={() => setReverting(undefined)} title={text.revertTitle(reverting.number)} confirm={text.revert} kind="primary"
          act={async () => { toast(text.reverted(reverting.number, (await revertAction(id, reverting.id)).number)); }}
        >
          <p>{text.revertEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
