// What people are asked for, and in which order.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { freshPrompts, promptsQuery, updatePrompts, type Prompts } from '../../api/branding';
import type { Versioned } from '../../api/http';
import { branding } from '../../text/branding';
import { ErrorPanel, RadioCards, ReadOnly, refusal, Section, Skeleton } from '../../ui';
import { SaveBar } from '../../ui/SaveBar';
import { useForm } from '../../ui/useForm';
import { Preview, WithPreview } from './Preview';

const text = branding.experience;

export default function Experience() {
  const prompts = useQuery(promptsQuery());
  if (prompts.isPending) return <Skeleton lines={4} height={36} />;
  if (prompts.isError) return <ErrorPanel error={prompts.error} retry={() => void prompts.refetch()} />;
  return <Fields read={prompts.data} />;
}

function Fields({ read }: { read: Versioned<Prompts> }) {
  const form = useForm<Prompts>({
    key: 'branding/prompts', read, within: '/branding', path: '/api/v2/prompts', labels: text.fields, save: updatePrompts, reload: freshPrompts,
  });
  const refused = refusal('update:prompts');
  const isFirst = form.draft.identifier_first === true;
  const screen = isFirst ? 'login-id' : 'login';
  return (
    <>
      <ReadOnly scope="update:prompts" />
      <WithPreview preview={<Preview tried={{}} page={{ prompt: screen, screen }} />}>
        <div className="sections">
          <Section title={text.steps.title} lead={text.steps.lead}>
            <RadioCards
              label={text.steps.label} column={220} value={isFirst ? 'first' : 'combined'} onChange={(value) => form.set('identifier_first', value === 'first')}
              cards={(['combined', 'first'] as const).map((value) => ({ value, title: text.steps[value], help: text.steps[`${value}Help`], disabled: refused !== undefined }))}
            />
          </Section>
          <Section title={text.more.title} lead={text.more.lead}>
            <ul className="stack tight">
              <li><Link to="/tenant/general">{text.more.languages}</Link></li>
              <li><Link to="/tenant/general">{text.more.support}</Link></li>
              <li>{text.more.signup}</li>
            </ul>
          </Section>
        </div>
      </WithPreview>
      <SaveBar form={form} risky={['identifier_first']} refused={refused} />
    </>
  );
}
