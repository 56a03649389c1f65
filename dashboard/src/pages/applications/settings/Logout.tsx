import { application } from '../../../text/application';
import { Checkbox, Notice, RadioCards, Switch, UrlListField } from '../../../ui';
import type { Part } from './Basic';

const text = application.settings;

/** What an application can choose to be told of; a logout it is always told of. */
const CHOICES = ['session-revoked', 'password-changed', 'account-deleted'] as const;

/** OpenID Connect Back-Channel Logout. */
export function Logout({ form, disabled }: Part) {
  const { backchannel_logout_urls: urls = [], backchannel_logout_initiators: initiators, backchannel_logout_session_metadata: metadata } = form.draft.oidc_logout ?? {};
  const mode = initiators?.mode ?? 'custom';
  const selected = initiators?.selected_initiators ?? [];
  const select = (initiator: string, on: boolean) =>
    form.set('oidc_logout.backchannel_logout_initiators', { mode, selected_initiators: on ? [...selected, initiator] : selected.filter((one) => one !== initiator) });
  const isTold = urls.some((url) => url !== '');
  return (
    <>
      <UrlListField label={text.logoutTo} help={text.logoutToHelp} kind="exact" disabled={disabled} value={urls} onChange={(urls) => form.set('oidc_logout.backchannel_logout_urls', urls)} />
      {isTold && (
        <>
          <RadioCards
            label={text.logoutOf} column={220} value={mode} onChange={(mode) => form.set('oidc_logout.backchannel_logout_initiators', { mode, selected_initiators: mode === 'all' ? [] : selected })}
            cards={(['custom', 'all'] as const).map((value) => ({ value, title: text.logoutModes[value][0]!, help: text.logoutModes[value][1]!, disabled }))}
          />
          {mode === 'custom' && (
            <fieldset className="field">
              <legend className="label" style={{ marginBottom: 4 }}>{text.logoutAlso}</legend>
              {CHOICES.map((initiator) => <Checkbox key={initiator} label={text.logoutInitiators[initiator]} disabled={disabled} checked={selected.includes(initiator)} onChange={(on) => select(initiator, on)} />)}
            </fieldset>
          )}
          <Switch label={text.logoutMetadata} help={text.logoutMetadataHelp} disabled={disabled} checked={metadata?.include === true} onChange={(on) => form.set('oidc_logout.backchannel_logout_session_metadata.include', on)} />
          <Notice>{text.logoutNote}</Notice>
        </>
      )}
    </>
  );
}
