import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertTag, missingTags, START } from './liquid.ts';

test('a page needs both tags, however they are written', () => {
  assert.deepEqual(missingTags(START), []);
  assert.deepEqual(missingTags('{% auth0:head %}{%-auth0:widget-%}'), []);
  assert.deepEqual(missingTags('auth0:head {{ auth0:widget }}'), ['auth0:head', 'auth0:widget']);
});

test('a tag goes where it belongs', () => {
  const page = '<html><head><title>x</title></head><body><p>x</p></BODY></html>';
  const whole = ['auth0:head', 'auth0:widget'].reduce(insertTag, page);
  assert.match(whole, /<\/title>\{%- auth0:head -%\}\n<\/head>/);
  assert.match(whole, /<\/p>\{%- auth0:widget -%\}\n<\/BODY>/);
  assert.deepEqual(missingTags(insertTag(insertTag('', 'auth0:head'), 'auth0:widget')), []);
});
