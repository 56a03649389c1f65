import { Fragment, useState } from 'react';
import { shell } from '../text/shell';
import { Dialog } from '../ui/Dialog';
import { Switch } from '../ui/fields';
import { CTRL, GOES, singleKeys } from './shortcuts';

const { keys, groups, then } = shell.shortcuts;

/** Keys that are pressed together, or one after the other. */
type Keys = { together?: string[]; after?: string[]; words: string };

const EVERYWHERE: Keys[] = [
  { together: [CTRL, 'K'], words: keys.palette },
  { together: [CTRL, 'S'], words: keys.save },
  { together: ['Esc'], words: keys.close },
];
const LISTS: Keys[] = [
  { together: ['↑', '↓'], words: keys.rows },
  { together: ['←', '→'], words: keys.points },
  { together: ['Shift', '← →'], words: keys.range },
];
const SINGLE: Keys[] = [
  { together: ['/'], words: keys.filter },
  { together: ['?'], words: keys.sheet },
  ...GOES.map(({ key, label }) => ({ after: ['g', key], words: label })),
];

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(singleKeys.on());
  return (
    <Dialog open onClose={onClose} title={shell.shortcuts.title} width={520} small>
      <Group title={groups.everywhere} keys={EVERYWHERE} />
      <Group title={groups.lists} keys={LISTS} />
      <Group title={groups.single} keys={SINGLE} isOff={!isOn} />
      <Switch label={shell.shortcuts.single} help={shell.shortcuts.singleHelp} checked={isOn} onChange={(on) => { singleKeys.set(on); setOn(on); }} />
    </Dialog>
  );
}

function Group({ title, keys, isOff = false }: { title: string; keys: Keys[]; isOff?: boolean }) {
  return (
    <section className="stack tight">
      <h3>{title}{isOff && <span className="muted"> ({shell.shortcuts.off})</span>}</h3>
      <dl className="facts keys">
        {keys.map(({ together, after, words }) => (
          <Fragment key={words}>
            <dt>{(together ?? after ?? []).map((key, index) => <Fragment key={key}>{index > 0 && (after === undefined ? ' ' : ` ${then} `)}<kbd>{key}</kbd></Fragment>)}</dt>
            <dd>{words}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
