import { application } from '../../../text/application';
import { Badge, Notice, Switch, TextField, UrlListField } from '../../../ui';
import type { Part } from './Basic';

const text = application.settings;

export function Uris({ form, client, disabled }: Part) {
  const { draft } = form;
  const isUnused = client.app_type === 'non_interactive' && [draft.callbacks, draft.allowed_logout_urls, draft.web_origins, draft.allowed_origins].every((urls) => (urls ?? []).length === 0);
  const origins = [draft.callbacks, draft.web_origins, draft.allowed_origins].flatMap((urls) => urls ?? []).filter((url) => url !== '').length;
  const fields = (
    <div className="stack loose">
      <TextField label={text.loginUri} help={text.loginUriHelp} mono disabled={disabled} value={draft.initiate_login_uri ?? ''} onChange={(uri) => form.set('initiate_login_uri', uri)} error={form.errorOf('initiate_login_uri')} />
      <UrlListField label={text.callbacks} help={text.callbacksHelp} disabled={disabled} value={draft.callbacks ?? []} onChange={(urls) => form.set('callbacks', urls)} />
      <UrlListField label={text.logoutUrls} help={text.logoutUrlsHelp} disabled={disabled} value={draft.allowed_logout_urls ?? []} onChange={(urls) => form.set('allowed_logout_urls', urls)} />
      <UrlListField label={text.webOrigins} help={text.webOriginsHelp} kind="origin" disabled={disabled} value={draft.web_origins ?? []} onChange={(urls) => form.set('web_origins', urls)} />
      <UrlListField label={text.cors} help={text.corsHelp} kind="origin" disabled={disabled} value={draft.allowed_origins ?? []} onChange={(urls) => form.set('allowed_origins', urls)} />
      <Switch label={text.crossOrigin} help={text.crossOriginHelp} disabled={disabled} checked={draft.cross_origin_authentication === true} onChange={(on) => form.set('cross_origin_authentication', on)} />
      {draft.cross_origin_authentication === true && (
        <>
          {origins === 0 && <Notice kind="warning" live>{text.crossOriginNowhere}</Notice>}
          <TextField label={<>{text.crossOriginLoc} <Badge>{text.stored}</Badge></>} help={text.crossOriginLocHelp} mono disabled={disabled} value={draft.cross_origin_loc ?? ''} onChange={(uri) => form.set('cross_origin_loc', uri)} error={form.errorOf('cross_origin_loc')} />
        </>
      )}
      {client.is_first_party === false && (
        <Switch label={text.redirectProtection} help={text.redirectHelp} disabled={disabled} checked={draft.redirection_policy === 'open_redirect_protection'} onChange={(on) => form.set('redirection_policy', on ? 'open_redirect_protection' : 'allow_always')} />
      )}
    </div>
  );
  if (!isUnused) return fields;
  return <details><summary className="muted">{text.machineOnly}</summary><div style={{ marginTop: 16 }}>{fields}</div></details>;
}
