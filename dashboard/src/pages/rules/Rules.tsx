// Every rule in the order in which they run, and the settings that they share.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { createRule, enableRule, orderRules, removeRule, rulesQuery, type Rule } from '../../api/rules';
import { can } from '../../auth/me';
import { rules as text } from '../../text/rules';
import { Button, ConfirmDialog, EmptyState, ErrorPanel, IconButton, Menu, MenuItem, Notice, PageHeader, ReadOnly, Skeleton, toast, useSearchParam } from '../../ui';
import { Ellipsis, FileCode, Plus, Trash2, Workflow } from '../../ui/icons';
import { OrderedList } from '../../ui/OrderedList';
import { useAttempt } from '../../ui/useAttempt';
import { CreateRule } from './CreateRule';
import { RuleSettings } from './RuleSettings';
import { ToAction } from './ToAction';

export default function Rules() {
  const list = useQuery(rulesQuery());
  const [isCreating, setCreating] = useSearchParam('create');
  const add = can('create:rules') && <Button icon={Plus} kind="primary" onClick={() => setCreating('1')}>{text.add}</Button>;
  return (
    <>
      <PageHeader title={text.title} lead={text.lead} actions={list.data?.length ? add : undefined} />
      <div className="stack loose">
        <ReadOnly scope="update:rules" />
        <Notice action={<Link to="/actions/trigger" search={{ trigger: 'post-login' } as never}>{text.toActions}</Link>}>{text.classic}</Notice>
        {list.isPending ? <Skeleton lines={4} height={44} />
          : list.isError ? <ErrorPanel error={list.error} retry={() => void list.refetch()} />
            : list.data.length === 0 ? <EmptyState icon={Workflow} title={text.empty} actions={add}>{text.emptyBody}</EmptyState>
              // A rule that came or went meanwhile is in no order that was begun before.
              : <List key={list.data.map(({ id }) => id).join()} rules={list.data} />}
        <RuleSettings />
      </div>
      {isCreating === '1' && can('create:rules') && <CreateRule onClose={() => setCreating('')} />}
    </>
  );
}

function List({ rules }: { rules: Rule[] }) {
  const [order, setOrder] = useState(() => rules.map(({ id }) => id));
  const [removing, setRemoving] = useState<Rule>();
  const [turning, setTurning] = useState<Rule>();
  const { isBusy, error, attempt } = useAttempt();
  const isOurs = can('update:rules');
  const mayTurn = isOurs && can('create:actions');
  const rows = order.flatMap((id) => rules.find((rule) => rule.id === id) ?? []);
  const isChanged = order.join() !== rules.map(({ id }) => id).join();
  const turn = ({ id, name }: Rule, enabled: boolean) => attempt(async () => {
    await enableRule(id, enabled);
    toast(text.turned(name, enabled), { undo: () => enableRule(id, !enabled) });
  });
  const remove = async ({ id, name, script, enabled, order }: Rule) => {
    await removeRule(id);
    const undo = async () => {
      await createRule({ name, script, enabled, order });
      toast(text.restored(name));
    };
    toast(text.removed(name), { undo });
  };
  return (
    <div className="stack">
      <p className="muted small">{text.count(rules.length, rules.filter(({ enabled }) => enabled).length)}</p>
      <OrderedList
        label={text.label} rows={rows} onOrder={isOurs ? (rows) => setOrder(rows.map(({ id }) => id)) : undefined}
        cell={({ id, name }) => <Link to="/rules/$id" params={{ id }} className="anywhere strong">{name}</Link>}
        more={(rule) => (
          <>
            <button type="button" role="switch" className="switch" aria-checked={rule.enabled} aria-label={text.enabledOf(rule.name)} disabled={!isOurs} onClick={() => void turn(rule, !rule.enabled)} />
            {(mayTurn || can('delete:rules')) && <Menu trigger={<IconButton icon={Ellipsis} label={text.menuOf(rule.name)} />}>
              {mayTurn && <MenuItem icon={FileCode} onSelect={() => setTurning(rule)}>{text.turn}</MenuItem>}
              {can('delete:rules') && <MenuItem icon={Trash2} danger onSelect={() => setRemoving(rule)}>{text.remove}</MenuItem>}
            </Menu>}
          </>
        )}
      />
      {isChanged && (
        <div className="row">
          <Button kind="primary" busy={isBusy} onClick={() => void attempt(async () => { await orderRules(order); toast(text.applied); })}>{text.apply}</Button>
          <Button kind="quiet" onClick={() => setOrder(rules.map(({ id }) => id))}>{text.undo}</Button>
          <span className="muted small" role="status">{text.changed}</span>
        </div>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
      {turning !== undefined && <ToAction rule={turning} onClose={() => setTurning(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog open onClose={() => setRemoving(undefined)} title={text.removeTitle(removing.name)} confirm={text.removeConfirm} act={() => remove(removing)}>
          <p>{text.removeEffect}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
