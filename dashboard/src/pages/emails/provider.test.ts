import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from '../../api/emails.ts';
import { bodyOf, faultsOf } from './provider.ts';

const none: Provider = { name: '' };
const stored: Provider = { name: 'smtp', enabled: true, credentials: { smtp_host: 'mail.example', smtp_port: 587, smtp_user: 'shop' } };

test('a provider that is switched off keeps what lets the server in', () => {
  const draft = { ...stored, enabled: false };
  assert.deepEqual(faultsOf(draft, stored), {});
  assert.deepEqual(bodyOf({ enabled: false }, draft, stored), { enabled: false });
});

test('who changes the host types the password again', () => {
  const draft = { ...stored, credentials: { ...stored.credentials, smtp_host: 'other.example' } };
  assert.deepEqual(Object.keys(faultsOf(draft, stored)), ['credentials.smtp_pass']);
  const typed = { ...draft, credentials: { ...draft.credentials, smtp_pass: 'secret' } };
  assert.deepEqual(faultsOf(typed, stored), {});
  assert.deepEqual(bodyOf({ credentials: typed.credentials }, typed, stored), { credentials: { smtp_host: 'other.example', smtp_port: 587, smtp_user: 'shop', smtp_pass: 'secret' } });
});

test('another service is told only what it knows', () => {
  const draft: Provider = { ...stored, name: 'mailgun', credentials: { ...stored.credentials, domain: 'mg.example', api_key: 'key', region: '' } };
  assert.deepEqual(faultsOf(draft, stored), {});
  assert.deepEqual(bodyOf({ name: 'mailgun', credentials: draft.credentials }, draft, stored), { name: 'mailgun', credentials: { domain: 'mg.example', api_key: 'key' } });
});

test('what is missing or no address is told', () => {
  assert.deepEqual(Object.keys(faultsOf({ name: 'smtp', credentials: { smtp_port: Number.NaN }, default_from_address: 'nobody' }, none)), ['credentials.smtp_host', 'credentials.smtp_port', 'default_from_address']);
  assert.deepEqual(faultsOf({ name: 'sendgrid', credentials: { api_key: 'k' }, default_from_address: 'Shop <no-reply@shop.example>' }, none), {});
});
