import { useState } from 'react';
import { shell } from '../text/shell';
import { Dialog } from '../ui/Dialog';
import { Switch } from '../ui/fields';
import { singleKeys } from './shortcuts';

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(singleKeys.on());
  return (
    <Dialog open onClose={onClose} title={shell.shortcuts.title} width={460} small>
      <dl className="facts" style={{ gridTemplateColumns: 'max-content 1fr' }}>
        {shell.shortcuts.keys.map(([keys, words]) => <div key={keys} style={{ display: 'contents' }}><dt><kbd>{keys}</kbd></dt><dd>{words}</dd></div>)}
      </dl>
      <hr />
      <Switch label={shell.shortcuts.single} help={shell.shortcuts.singleHelp} checked={isOn} onChange={(on) => { singleKeys.set(on); setOn(on); }} />
    </Dialog>
  );
}
