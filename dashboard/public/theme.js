// Runs before the first paint, so that no light frame is ever shown to those who chose dark.
(() => {
  let choice = null;
  try { choice = localStorage.getItem('theme'); } catch {}
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
