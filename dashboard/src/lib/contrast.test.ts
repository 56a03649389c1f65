import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, inkOn, plainOf, rgbOf, showRatio } from './contrast.ts';

test('a colour is read as the server reads it', () => {
  const colours: [string, string | undefined][] = [
    ['#fff', '#ffffff'], ['#1a2B3c', '#1a2b3c'], ['#1a2b3c80', '#1a2b3c'], ['#abcd', '#aabbcc'], ['#12345', undefined], ['red', undefined], ['', undefined], ['#ggg', undefined],
  ];
  for (const [text, plain] of colours) assert.equal(plainOf(text), plain, text);
  assert.equal(rgbOf('#+12345'), undefined);
});

test('contrast is as WCAG measures it, and is not rounded up', () => {
  assert.equal(contrast('#ffffff', '#000000'), 21);
  assert.ok(Math.abs(contrast('#767676', '#fff')! - 4.54) < 0.01);
  assert.equal(showRatio(4.48), '4.4');
  assert.equal(contrast('#fff', 'nothing'), undefined);
  assert.deepEqual([inkOn('#0b57d0'), inkOn('#ffdd00')], ['#ffffff', '#000000']);
});
