import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query';
import { loadMe } from './auth/me';
import { session, signInFresh } from './auth/session';
import { unstashDrafts } from './lib/drafts';
import { fromHash } from './lib/hash';
import { router } from './routes';
import { Alone } from './shell/AppShell';
import { shell } from './text/shell';
import { Button } from './ui/Button';
import { wordsOf } from './ui/states';

export async function draw(root: HTMLElement) {
  const page = createRoot(root);
  let failure = session.failure();
  if (failure === undefined) await loadMe().catch((error) => { failure = wordsOf(error); });
  if (failure !== undefined) {
    page.render(
      <Alone title={shell.lost.title}>
        <p className="anywhere">{failure}</p>
        <div><Button kind="primary" onClick={() => void signInFresh()}>{shell.lost.again}</Button></div>
      </Alone>,
    );
    return;
  }
  unstashDrafts();
  const path = fromHash(location.hash);
  if (path !== undefined) await router.navigate({ href: path, replace: true });
  page.render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}
