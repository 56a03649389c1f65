import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseOptions } from '../../../api/connections.ts';
import { choiceOf, choose, historyOf, lengthOf, PERSONAL, personalOf, USUAL, withComplexity, withHistory, withLength, withPersonal, withWords, wordsOf } from './policy.ts';

/** As the server completes a new database. */
const fresh: DatabaseOptions = {
  passwordPolicy: 'good',
  password_options: { complexity: { ...USUAL }, history: { active: false, size: 3 }, dictionary: { active: false, custom: [] }, profile_data: { active: false, blocked_fields: PERSONAL } },
};

test('the older level is in force until the newer words say something of their own', () => {
  assert.equal(choiceOf(fresh), 'good');
  assert.equal(choiceOf({}), 'none');
  assert.equal(choiceOf(withComplexity(fresh, { min_length: 12 })), 'own');
  assert.equal(choiceOf({ password_options: { complexity: USUAL } }), 'own');
  assert.equal(choiceOf({ password_complexity_options: { min_length: 9 }, password_options: { complexity: USUAL } }), 'none');
});

test('what is chosen is in force, whatever was there before', () => {
  const own = choose(fresh, 'own');
  assert.deepEqual([choiceOf(own), lengthOf(own)], ['own', 15]);
  for (const level of ['none', 'low', 'fair', 'good', 'excellent'] as const) {
    assert.equal(choiceOf(choose(withComplexity(own, { identical_characters: 'block' }), level)), level);
    assert.equal(choiceOf(choose(choose(fresh, level), 'own')), 'own');
  }
});

test('a length takes the place of the level’s own, and goes with it', () => {
  const long = withLength(fresh, 20);
  assert.deepEqual([choiceOf(long), lengthOf(long)], ['good', 20]);
  assert.equal(withLength(long, 8).password_complexity_options, undefined);
  assert.equal(lengthOf(choose(long, 'low')), 6);
  assert.equal(lengthOf(withLength(choose(fresh, 'own'), 9)), 9);
});

test('history, dictionary and personal data are read and written in both words', () => {
  assert.deepEqual([historyOf(fresh), wordsOf(fresh), personalOf(fresh)], [0, undefined, undefined]);
  assert.equal(historyOf({ password_history: { enable: true } }), 5);
  assert.deepEqual(wordsOf({ password_dictionary: { enable: true, dictionary: ['acme'] } }), ['acme']);
  const all = withPersonal(withWords(withHistory(fresh, true, 7), true, ['acme']), true, ['name']);
  assert.deepEqual([historyOf(all), wordsOf(all), personalOf(all)], [7, ['acme'], ['name']]);
  assert.deepEqual([all.password_history, all.password_dictionary, all.password_no_personal_info], [{ enable: true, size: 7 }, { enable: true, dictionary: ['acme'] }, { enable: true }]);
  const none = withPersonal(withWords(withHistory(all, false, 7), false, ['acme']), false, ['name']);
  assert.deepEqual([historyOf(none), wordsOf(none), personalOf(none)], [0, undefined, undefined]);
});

test('a database without any words keeps taking every password when one of them is added', () => {
  assert.equal(choiceOf(withHistory({}, true, 5)), 'none');
  assert.equal(withHistory({}, true, 5).passwordPolicy, 'none');
});
