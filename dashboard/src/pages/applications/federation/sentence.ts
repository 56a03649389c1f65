import type { Rule } from '../../../api/federation';
import { valuesOf } from '../../../lib/federation';
import { federation as text } from '../../../text/federation';

const wordsOf = ({ claim, operator, value }: Rule) => text.rule[operator](claim, operator === 'one_of' ? valuesOf(value) : [String(value)]);

/** What an issuer is trusted for, as a sentence. */
export const sentenceOf = ({ issuer, audience, rules }: { issuer: string; audience: string; rules: Rule[] }): string =>
  text.sentence(issuer, audience, rules.filter(({ claim }) => claim !== '').map(wordsOf));
