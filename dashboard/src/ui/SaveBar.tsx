import { useId, useState, useSyncExternalStore, type ReactNode } from 'react';
import { config } from '../api/config';
import type { HistoryEntry } from '../api/extras';
import { reach, Unreachable, urlOf } from '../api/http';
import { curl } from '../lib/curl';
import { me } from '../auth/me';
import { showValue } from '../lib/diff';
import { ui } from '../text/ui';
import { Button } from './Button';
import { CodeBlock } from './CodeBlock';
import { Dialog } from './Dialog';
import { ErrorPanel } from './states';
import type { Form, Theirs } from './useForm';

/** Appears when something changed. In a production tenant, changes of `risky` paths are reviewed before they are saved. */
export function SaveBar<T>({ form, risky = [], refused }: { form: Form<T>; risky?: string[]; refused?: string | undefined }) {
  const [isReviewing, setReviewing] = useState(false);
  const isReachable = useSyncExternalStore(reach.subscribe, reach.now);
  const count = form.changes.length;
  const mustReview = config.tenant.environment === 'production' && form.changes.some(({ path }) => risky.includes(path));
  const reason = refused ?? (isReachable ? undefined : ui.offlineSave);
  // What failed because the server was gone is worth another try once it is back.
  const error = form.error instanceof Unreachable && isReachable ? undefined : form.error;
  const save = async () => {
    if (await form.save()) setReviewing(false);
  };
  return (
    <>
      {count > 0 && (
        <section className="save-bar" aria-label={ui.unsaved}>
          <div className="count" role="status">
            {ui.unsavedCount(count)}
            {form.isShowingErrors && form.faults.length > 0 && <div className="error-text">{ui.fixErrors(form.faults.length)}: {form.faults.map(([path]) => form.labelOf(path)).join(', ')}</div>}
          </div>
          <Button kind="quiet" onClick={form.discard}>{ui.discard}</Button>
          <Button onClick={() => setReviewing(true)}>{ui.review}</Button>
          <Button kind="primary" data-save busy={form.isBusy} reason={reason} onClick={() => (mustReview ? setReviewing(true) : void save())}>
            {form.isBusy ? ui.saving : ui.save}
          </Button>
          {error !== undefined && <div style={{ flexBasis: '100%' }}><ErrorPanel error={error} /></div>}
        </section>
      )}
      <Dialog
        open={isReviewing && count > 0} onClose={() => setReviewing(false)} title={ui.reviewTitle} width={760}
        footer={<><Button onClick={() => setReviewing(false)}>{ui.cancel}</Button><Button kind="primary" busy={form.isBusy} reason={reason} onClick={() => void save()}>{ui.save}</Button></>}
      >
        {mustReview && <p>{ui.reviewRisky}</p>}
        {form.faults.length > 0 && <p className="error-text">{ui.fixErrors(form.faults.length)}: {form.faults.map(([path]) => form.labelOf(path)).join(', ')}</p>}
        <Changes rows={form.changes.map(({ path, old, new: now }) => ({ name: form.labelOf(path), path, old, new: now }))} />
        {form.requests().map(({ path, body, method = 'PATCH' }) => (
          <CodeBlock key={path} label={ui.reviewRequest} what={`${ui.reviewRequest} ${path}`} code={[`${method} ${path}`, ...(body === undefined ? [] : ['', JSON.stringify(body, null, 2)])].join('\n')} copy={() => curl({ method, url: urlOf(path), headers: { authorization: 'Bearer $TOKEN', 'content-type': 'application/json' }, ...(body !== undefined && { body: JSON.stringify(body) }) })} />
        ))}
        {error !== undefined && <ErrorPanel error={error} />}
      </Dialog>
      <Conflict form={form} />
    </>
  );
}

/** Old and new value per field; `past` for changes that have been made. */
export function Changes({ rows, past = false, label = past ? ui.changes : ui.reviewTitle }: { rows: { name: string; path: string; old: unknown; new: unknown }[]; past?: boolean; label?: string }) {
  return (
    <div className="scroll-x" role="region" aria-label={label} tabIndex={0}>
      <table className="plain diff">
        <thead><tr><th scope="col">{ui.reviewField}</th><th scope="col">{past ? ui.changedFrom : ui.reviewOld}</th><th scope="col">{past ? ui.changedTo : ui.reviewNew}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}><td><span className="strong">{row.name}</span><br /><code className="muted small">{row.path}</code></td><td><del>{showValue(row.old)}</del></td><td><ins>{showValue(row.new)}</ins></td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Asks whose values hold, field by field, when somebody else has saved meanwhile. */
export function Conflict<T>({ form }: { form: Form<T> }) {
  const { theirs } = form;
  return theirs === undefined ? null : <Choice key={theirs.version.etag} form={form} theirs={theirs} />;
}

function Choice<T>({ form, theirs }: { form: Form<T>; theirs: Theirs<T> }) {
  const [yielded, setYielded] = useState<string[]>([]);
  const name = useId();
  const isTorn = theirs.fields.some((field) => field.isMine && field.isTheirs);
  const choose = (path: string, isTheirs: boolean) => setYielded((before) => [...before.filter((one) => one !== path), ...(isTheirs ? [path] : [])]);
  return (
    <Dialog
      open onClose={form.closeConflict} title={ui.conflictTitle} width={760} firm
      footer={(
        <>
          <Button onClick={form.takeTheirs}>{ui.takeTheirs}</Button>
          <Button kind={isTorn ? undefined : 'primary'} busy={form.isBusy} onClick={() => void form.keepMine()}>{ui.keepMine}</Button>
          {isTorn && <Button kind="primary" busy={form.isBusy} onClick={() => void form.keepMine(yielded)}>{ui.saveChoice}</Button>}
        </>
      )}
    >
      <p>{theirs.by !== undefined && `${ui.conflictBy(nameOf(theirs.by))} `}{ui.conflictBody}{isTorn && ` ${ui.conflictChoose}`}</p>
      <div className="scroll-x" role="region" aria-label={ui.conflictTitle} tabIndex={0}>
        <table className="plain diff">
          <thead><tr><th scope="col">{ui.reviewField}</th><th scope="col">{ui.conflictBase}</th><th scope="col">{ui.conflictTheirs}</th><th scope="col">{ui.conflictMine}</th></tr></thead>
          <tbody>
            {theirs.fields.map(({ path, base, theirs, mine, isMine, isTheirs }) => {
              const side = (whose: 'theirs' | 'mine', value: ReactNode) => (isMine && isTheirs ? (
                <label className="row nowrap">
                  <input type="radio" name={`${name}-${path}`} checked={yielded.includes(path) === (whose === 'theirs')} onChange={() => choose(path, whose === 'theirs')} />
                  <span className="sr">{form.labelOf(path)}, {whose === 'theirs' ? ui.conflictTheirs : ui.conflictMine}: </span>
                  {value}
                </label>
              ) : value);
              const untouched = <span className="muted">{ui.conflictUntouched}</span>;
              return (
                <tr key={path}>
                  <td className="strong">{form.labelOf(path)}</td><td>{showValue(base)}</td>
                  <td>{isTheirs ? side('theirs', <del>{showValue(theirs)}</del>) : untouched}</td>
                  <td>{isMine ? side('mine', <ins>{showValue(mine)}</ins>) : untouched}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {form.error !== undefined && <ErrorPanel error={form.error} />}
    </Dialog>
  );
}

/** Who saved; somebody may well have two windows open. */
function nameOf(actor: HistoryEntry['actor']): string {
  const { email, name } = me();
  const who = actor.name ?? actor.client_id ?? '';
  return who !== '' && (who === email || who === name) ? ui.conflictYou : who;
}
