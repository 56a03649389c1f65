import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryFault } from './lucene.ts';
import { USER_FIELDS, userQuery } from './userQuery.ts';

test('a name, an address, a number or an identifier becomes a query, and a query stays one', () => {
  for (const [typed, q] of [
    ['', ''], ['  jane ', 'jane*'], ['Jane Doe', 'Jane\\ Doe*'], ['jane@acme.example', 'jane@acme.example*'], ['ann+spam@acme.example', 'ann\\+spam@acme.example*'],
    ['auth0|5f7c8ec7c33c6c004bbafe82', 'user_id:"auth0|5f7c8ec7c33c6c004bbafe82"'], ['+49 171', 'phone_number:\\+49171*'], ['D’Arcy', 'D’Arcy*'], ['jean-luc', 'jean\\-luc*'],
    ['email:jane*', 'email:jane*'], ['"Jane Doe"', '"Jane Doe"'], ['NOT blocked:true', 'NOT blocked:true'], ['-jane', '-jane'], ['ja* OR jo*', 'ja* OR jo*'],
  ] as const) {
    assert.equal(userQuery(typed), q, typed);
    assert.equal(queryFault(q, USER_FIELDS), undefined, q);
  }
});

test('a fault of a query about people says where it is', () => {
  for (const [q, kind] of [
    ['mail:x', 'field'], ['date:2026-01-31', 'field'], ['last_login:yesterday', 'date'], ['logins_count:[5 TO', 'bracket'], ['user_metadata.plan:', 'value'],
    ['user_metadata.plan:gold', undefined], ['app_metadata:gold', undefined], ['metadata.plan:gold', 'field'], ['logins_count:[5 TO *]', undefined],
    ['created_at:[2026-01-31 TO *]', undefined], ['email.domain:"acme.example" AND blocked:true', undefined],
  ] as const) assert.equal(queryFault(q, USER_FIELDS)?.kind, kind, q);
});
