// Enough of HTML with Liquid to tell markup from words: nothing is checked, which the server does.
import type { StreamParser } from '@codemirror/language';

type Within = { in: 'text' | 'tag' | 'liquid' | 'comment'; back: 'text' | 'tag' };

export const liquid: StreamParser<Within> = {
  name: 'liquid',
  startState: () => ({ in: 'text', back: 'text' }),
  token(stream, state) {
    if (state.in === 'comment') {
      if (stream.skipTo('-->')) {
        stream.match('-->');
        state.in = 'text';
      } else stream.skipToEnd();
      return 'comment';
    }
    if (state.in === 'liquid') {
      if (stream.match(/^-?[%}]\}/)) {
        state.in = state.back;
        return 'keyword';
      }
      if (stream.match(/^("[^"]*"|'[^']*')/)) return 'string';
      if (stream.match(/^\d+(\.\d+)?/)) return 'number';
      if (stream.match(/^[\w.:-]+/)) return 'keyword';
      stream.next();
      return null;
    }
    if (stream.match(/^\{[{%]-?/)) {
      Object.assign(state, { back: state.in, in: 'liquid' });
      return 'keyword';
    }
    if (state.in === 'tag') {
      if (stream.match(/^\/?>/)) {
        state.in = 'text';
        return 'propertyName';
      }
      if (stream.match(/^("[^"{]*"|'[^'{]*')/)) return 'string';
      if (stream.match(/^[\w:-]+/)) return 'propertyName';
      stream.next();
      return null;
    }
    if (stream.match('<!--')) {
      state.in = 'comment';
      return 'comment';
    }
    if (stream.match(/^<[/!]?[a-zA-Z][\w-]*/)) {
      state.in = 'tag';
      return 'propertyName';
    }
    stream.next();
    stream.eatWhile(/[^<{]/);
    return null;
  },
};
