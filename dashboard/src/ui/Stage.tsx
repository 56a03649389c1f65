// HTML that is not ours, shown in a page that can do nothing: see crates/dashboard/src/stage.rs.
import { useEffect, useRef, useState } from 'react';
import { classes } from './classes';

/** Width and height are those of the window it is shown in, which is drawn smaller where there is less room. */
export function Stage({ html, title, width, height, scheme, dimmed }: {
  html: string | undefined;
  title: string;
  width: number;
  height: number;
  /** What whoever looks at it prefers. */
  scheme: 'light' | 'dark';
  /** What is shown is older than what it is of. */
  dimmed?: boolean | undefined;
}) {
  const frame = useRef<HTMLIFrameElement>(null);
  const room = useRef<HTMLDivElement>(null);
  const told = useRef(html);
  told.current = html;
  const [available, setAvailable] = useState(width);
  const show = () => {
    // The page has no origin that could be named here.
    if (told.current !== undefined) frame.current?.contentWindow?.postMessage({ html: told.current }, '*');
  };
  useEffect(() => {
    const hear = (event: MessageEvent<{ ready?: true }>) => {
      if (event.source === frame.current?.contentWindow && event.data.ready === true) show();
    };
    addEventListener('message', hear);
    return () => removeEventListener('message', hear);
  }, []);
  useEffect(show, [html]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setAvailable(entry!.contentRect.width));
    observer.observe(room.current!);
    return () => observer.disconnect();
  }, []);
  const scale = Math.min(1, available / width);
  return (
    <div className={classes('stage', dimmed === true && 'dimmed')} ref={room} style={{ height: height * scale }}>
      <iframe
        ref={frame} src="/dashboard/stage" title={title} sandbox="allow-scripts"
        style={{ width, height, transform: `scale(${scale})`, marginLeft: Math.max(0, (available - width * scale) / 2), colorScheme: scheme }}
      />
    </div>
  );
}
