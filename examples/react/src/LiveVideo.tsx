import { attach, Session, type SessionStatus } from 'fastvideo/player';
import { useEffect, useRef, useState } from 'react';

interface LiveVideoProps {
  /** Address of the server or router. */
  readonly url: string;
  /** Each new prompt is the next segment. */
  readonly prompt: string;
}

/** Plays what the server generates. The session lives as long as the component does. */
export function LiveVideo({ url, prompt }: LiveVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [session, setSession] = useState<Session>();
  const [status, setStatus] = useState<SessionStatus>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    if (!video.current) return;
    const opened = new Session({ url });
    const player = attach(video.current, opened);
    const unsubscribe = opened.subscribe((event) => {
      if (event.type === 'status') setStatus(event.status);
      if (event.type === 'init') setProblem(undefined);
      if (event.type === 'error') setProblem(event.error.message);
    });
    setSession(opened);
    return () => {
      unsubscribe();
      player.detach();
      opened.leave();
    };
  }, [url]);

  useEffect(() => {
    if (prompt.trim() !== '') session?.enqueue([{ prompt }]);
  }, [session, prompt]);

  return (
    <figure>
      <video ref={video} muted playsInline controls width={640} />
      <figcaption role="status">{problem ?? status?.phase ?? 'idle'}</figcaption>
    </figure>
  );
}
