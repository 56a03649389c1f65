import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/http';
import { createResourceServer } from '../../api/resourceServers';
import { apis as words } from '../../text/apis';
import { ui } from '../../text/ui';
import { announce, Button, Dialog, ErrorPanel, RadioCards, Select, TextField } from '../../ui';
import { ALGORITHMS, dialectOf, nameFault, PROFILES, type Algorithm, type Profile } from './kinds';

const FRESH = { name: '', identifier: '', algorithm: 'RS256' as Algorithm, profile: 'auth0' as Profile };

export function CreateApi({ open, onClose }: { open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(FRESH);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [taken, setTaken] = useState<string>();
  const set = (part: Partial<typeof FRESH>) => setTyped({ ...typed, ...part });
  const identifier = typed.identifier.trim();
  const faults = {
    name: nameFault(typed.name),
    identifier: identifier === '' ? words.identifierMissing : [...identifier].length > 600 ? words.identifierLong : identifier === taken ? words.identifierTaken : undefined,
  };
  const close = () => {
    setTyped(FRESH);
    setTried(false);
    setError(undefined);
    setTaken(undefined);
    onClose();
  };
  const create = async () => {
    setTried(true);
    setError(undefined);
    if (faults.name !== undefined || faults.identifier !== undefined) return;
    setBusy(true);
    try {
      const api = await createResourceServer({ name: typed.name.trim(), identifier, signing_alg: typed.algorithm, token_dialect: dialectOf(typed.profile, false) });
      close();
      announce(words.created(typed.name.trim()));
      await navigate({ to: '/apis/$id/quickstart', params: { id: api.id } });
    } catch (error) {
      if (error instanceof ApiError && error.statusCode === 409) setTaken(identifier);
      else setError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open} onClose={close} title={words.createTitle} width={620}
      footer={<><Button onClick={close}>{ui.cancel}</Button><Button kind="primary" busy={isBusy} type="submit" form="create-api">{words.create}</Button></>}
    >
      <form id="create-api" className="stack" noValidate onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <TextField label={words.name} help={words.nameHelp} required value={typed.name} onChange={(name) => set({ name })} error={isTried || /[<>]/.test(typed.name) ? faults.name : undefined} />
        <TextField
          label={words.identifier} help={words.identifierHelp} required mono inputMode="url" placeholder={words.identifierPlaceholder}
          value={typed.identifier} onChange={(identifier) => set({ identifier })} error={isTried || identifier === taken ? faults.identifier : undefined}
        />
        <RadioCards label={words.profile} value={typed.profile} onChange={(profile) => set({ profile })} cards={PROFILES} column={220} />
        <Select label={words.algorithm} help={words.algorithmHelp[typed.algorithm]} value={typed.algorithm} onChange={(algorithm) => set({ algorithm })} options={ALGORITHMS} />
      </form>
      {error !== undefined && <ErrorPanel error={error} />}
    </Dialog>
  );
}
