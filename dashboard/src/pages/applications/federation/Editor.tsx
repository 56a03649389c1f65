import { useState } from 'react';
import type { Client } from '../../../api/clients';
import { saveTrustedIssuer, type TrustedIssuer } from '../../../api/federation';
import { issuer as ownIssuer } from '../../../lib/endpoints';
import { draftOf, nameWhom, PRESETS, readKeys, ruleFault, ruleOf, type Preset } from '../../../lib/federation';
import { federation as text } from '../../../text/federation';
import { ui } from '../../../text/ui';
import { Button, Dialog, ErrorPanel, Notice, RadioCards, Switch, TextArea, TextField, toast } from '../../../ui';
import { useAttempt } from '../../../ui/useAttempt';
import { Rules } from './Rules';
import { sentenceOf } from './sentence';
import './federation.css';

type Source = 'discovery' | 'jwks_uri' | 'jwks';

/** A new issuer begins with what is known of its kind; an old one with what it is. */
export function Editor({ client, issuer: old, onClose }: { client: Client; issuer: TrustedIssuer | undefined; onClose: () => void }) {
  const [preset, setPreset] = useState<Preset | ''>('');
  const [name, setName] = useState(old?.name ?? '');
  const [issuer, setIssuer] = useState(old?.issuer ?? '');
  const [audience, setAudience] = useState(old?.audience ?? ownIssuer);
  const [rules, setRules] = useState(old?.rules.map(draftOf) ?? []);
  const [source, setSource] = useState<Source>(old?.jwks ? 'jwks' : old?.jwks_uri ? 'jwks_uri' : 'discovery');
  const [jwksUri, setJwksUri] = useState(old?.jwks_uri ?? '');
  const [jwks, setJwks] = useState(old?.jwks ? JSON.stringify(old.jwks, null, 2) : '');
  const [isSingle, setSingle] = useState(old?.single_use ?? true);
  const [isTried, setTried] = useState(false);
  const { isBusy, error, attempt } = useAttempt();
  const choose = (chosen: Preset) => {
    const { name, issuer, rules } = PRESETS[chosen];
    setPreset(chosen);
    setName(name);
    setIssuer(issuer);
    setRules(rules);
    setSingle(chosen !== 'kubernetes' && chosen !== 'spiffe');
    setTried(false);
  };
  const keys = readKeys(jwks);
  const isUrl = (address: string) => /^https:\/\/[^/\s]+\S*$/i.test(address.trim());
  const faults = {
    name: name.trim() === '' ? text.nameMissing : undefined,
    issuer: isUrl(issuer) ? undefined : text.issuerBad,
    jwksUri: source !== 'jwks_uri' || isUrl(jwksUri) ? undefined : text.issuerBad,
    jwks: source !== 'jwks' || keys !== undefined ? undefined : text.jwksBad,
  };
  const shown = (field: keyof typeof faults) => (isTried ? faults[field] : undefined);
  const save = async () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined) || !nameWhom(rules) || rules.some((rule) => ruleFault(rule) !== undefined)) return;
    await attempt(async () => {
      const gone = old === undefined ? {} : { jwks_uri: null, jwks: null };
      const from = source === 'jwks_uri' ? { jwks_uri: jwksUri.trim() } : source === 'jwks' ? { jwks: keys! } : {};
      await saveTrustedIssuer(client.client_id, old?.id, { name: name.trim(), issuer: issuer.trim(), ...(audience.trim() !== '' && { audience: audience.trim() }), rules: rules.map(ruleOf), single_use: isSingle, ...gone, ...from });
      toast(old === undefined ? text.added(name.trim()) : text.saved(name.trim()));
      onClose();
    });
  };
  const isChosen = old !== undefined || preset !== '';
  return (
    <Dialog
      open onClose={onClose} firm={isChosen} title={old === undefined ? text.add : text.editTitle(old.name)} width={720}
      footer={<><Button onClick={onClose}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} disabled={!isChosen} onClick={() => void save()}>{old === undefined ? text.add : ui.save}</Button></>}
    >
      {old === undefined && (
        <RadioCards label={text.preset} value={preset} onChange={choose} column={190} cards={(Object.keys(PRESETS) as Preset[]).map((value) => ({ value, title: text.presets[value]![0], help: text.presets[value]![1] }))} />
      )}
      {isChosen && (
        <>
          {preset !== '' && <Notice>{text.presetNotes[preset]}</Notice>}
          <TextField label={text.name} required value={name} onChange={setName} maxLength={128} error={shown('name')} />
          <TextField label={text.issuer} help={text.issuerHelp} required mono inputMode="url" value={issuer} onChange={setIssuer} placeholder={preset === '' ? '' : PRESETS[preset].placeholder} error={shown('issuer')} />
          <TextField label={text.audience} help={text.audienceHelp} mono value={audience} onChange={setAudience} placeholder={ownIssuer} />
          <Rules rules={rules} onChange={setRules} examples={preset === '' ? {} : PRESETS[preset].examples} isTried={isTried} />
          <RadioCards label={text.keys} value={source} onChange={setSource} column={180} cards={(['discovery', 'jwks_uri', 'jwks'] as const).map((value) => ({ value, title: text.keysCards[value]![0], help: text.keysCards[value]![1] }))} />
          {source === 'jwks_uri' && <TextField label={text.jwksUri} required mono inputMode="url" value={jwksUri} onChange={setJwksUri} error={shown('jwksUri')} />}
          {source === 'jwks' && <TextArea label={text.jwks} help={text.jwksHelp} required mono rows={6} value={jwks} onChange={setJwks} error={shown('jwks')} />}
          <Switch label={text.singleUse} help={text.singleUseHelp} checked={isSingle} onChange={setSingle} />
          <div className="well stack tight" role="group" aria-label={text.preview}>
            <span className="strong small">{text.preview}</span>
            <p className="anywhere">{sentenceOf({ issuer: issuer.trim(), audience: audience.trim() || ownIssuer, rules: rules.map(ruleOf) })}</p>
          </div>
        </>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}
