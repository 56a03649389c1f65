import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { administratorsQuery, inviteAdministrator, passwordLink, removeAdministrator, updateAdministrator, type Administrator } from '../../api/extras';
import { can, me } from '../../auth/me';
import { resumed, resumeOf } from '../../auth/resume';
import { signOut } from '../../auth/session';
import { administrators as text } from '../../text/administrators';
import { Button, ConfirmDialog, ErrorPanel, Notice, PageHeader, Skeleton, toast, useSearchParam } from '../../ui';
import { Plus } from '../../ui/icons';
import { LinkDialog, type Link } from '../../ui/LinkDialog';
import { AccessDialog, type Chosen } from './AccessDialog';
import { accessOf, NEW, rolesOf, tenantsOf } from './access';
import { Invitations } from './Invitations';
import { nameOf, People } from './People';

type Asked =
  | { act: 'change'; id: string; chosen?: Chosen }
  | { act: 'password-link' | 'remove'; id: string; isAgain?: boolean };

export default function Administrators() {
  const found = useQuery(administratorsQuery());
  const [create, setCreate] = useSearchParam('create');
  const [invited, setInvited] = useState(() => resumed<{ chosen: Chosen }>('invite'));
  const [asked, setAsked] = useState(() => (['change', 'password-link', 'remove'] as const).map((act) => resumed<Asked>(act)).find((asked) => asked !== undefined));
  const [link, setLink] = useState<Link>();
  const person = found.data?.administrators.find(({ user_id }) => user_id === asked?.id);
  const close = () => setAsked(undefined);
  const closeInvite = () => {
    setInvited(undefined);
    setCreate('');
  };

  const invite = async ({ email, access }: Chosen) => {
    // All tenants are meant where none is named.
    const invitation = await inviteAdministrator({ email, roles: rolesOf(access), ...(!access.isEverywhere && { tenants: access.tenants }) });
    closeInvite();
    setLink({ title: text.linkTitle(email), lead: text.linkLead, label: text.link, url: invitation.invitation_url ?? '', expires: invitation.expires_at });
  };
  return (
    <>
      <PageHeader
        title={text.title} lead={text.lead}
        {...(can('create:administrators') && { actions: <Button kind="primary" icon={Plus} onClick={() => setCreate('1')}>{text.invite}</Button> })}
      />
      {found.isPending ? <Skeleton lines={6} height={32} />
        : found.isError ? <ErrorPanel error={found.error} retry={() => void found.refetch()} />
          : (
            <div className="stack loose">
              <People people={found.data.administrators} onAsk={(act, id) => setAsked({ act, id })} />
              <Invitations invitations={found.data.invitations} />
            </div>
          )}
      {create !== '' && can('create:administrators') && (
        <AccessDialog title={text.inviteTitle} confirm={text.inviteConfirm} chosen={invited?.chosen ?? { email: '', access: NEW }} asksEmail act="invite" save={invite} onClose={closeInvite} />
      )}
      {person !== undefined && asked?.act === 'change' && <Change person={person} chosen={asked.chosen} onClose={close} />}
      {person !== undefined && <Reset asked={asked} person={person} onClose={close} onLink={setLink} />}
      {person !== undefined && <Remove asked={asked} person={person} onClose={close} />}
      {link !== undefined && <LinkDialog link={link} onClose={() => setLink(undefined)} />}
    </>
  );
}

function Change({ person, chosen, onClose }: { person: Administrator; chosen: Chosen | undefined; onClose: () => void }) {
  const save = async ({ access }: Chosen) => {
    await updateAdministrator(person.user_id, { roles: rolesOf(access), tenants: tenantsOf(access) });
    toast(text.changed(nameOf(person)));
    onClose();
  };
  return (
    <AccessDialog
      title={text.changeTitle(nameOf(person))} confirm={text.changeConfirm} chosen={chosen ?? { email: person.email, access: accessOf(person) }}
      act="change" details={{ id: person.user_id }} save={save} onClose={onClose}
    >
      {person.is_you ? <Notice kind="warning">{text.changeYourself}</Notice> : <p className="muted small">{text.changeEffect}</p>}
    </AccessDialog>
  );
}

type Ask = { asked: Asked | undefined; person: Administrator; onClose: () => void };

const isAgain = (asked: Asked | undefined) => asked !== undefined && 'isAgain' in asked && asked.isAgain === true;

function Reset({ asked, person, onClose, onLink }: Ask & { onLink: (link: Link) => void }) {
  const make = async () => {
    const url = await passwordLink(person.user_id);
    onLink({ title: text.resetTitle(nameOf(person)), lead: text.resetLead, label: text.resetLink, url });
  };
  return (
    <ConfirmDialog
      open={asked?.act === 'password-link'} onClose={onClose} title={text.resetAsk(nameOf(person))} confirm={text.resetConfirm} kind="primary" act={make}
      resume={resumeOf('password-link', { id: person.user_id, isAgain: true })}
    >
      {isAgain(asked) && <Notice kind="success">{text.again}</Notice>}
      <p>{text.resetEffect}</p>
    </ConfirmDialog>
  );
}

function Remove({ asked, person, onClose }: Ask) {
  const removeThem = async () => {
    await removeAdministrator(person.user_id);
    if (person.user_id === me().user_id) return signOut();
    toast(text.removed(nameOf(person)));
  };
  return (
    <ConfirmDialog
      open={asked?.act === 'remove'} onClose={onClose} title={text.removeTitle(nameOf(person))} confirm={text.removeConfirm} act={removeThem}
      resume={resumeOf('remove', { id: person.user_id, isAgain: true })}
    >
      {isAgain(asked) && <Notice kind="success">{text.again}</Notice>}
      <p>{text.removeEffect(person.email)}</p>
      {person.is_you && <Notice kind="warning">{text.removeYourself}</Notice>}
    </ConfirmDialog>
  );
}
