/** Switches the sound on at the next touch of the page, unless the person has done so before. */
export function unmuteOnGesture(video: HTMLVideoElement, signal: AbortSignal): void {
  const done = new AbortController();
  const over = AbortSignal.any([signal, done.signal]);
  const unmute = () => {
    video.muted = false;
    done.abort();
  };
  for (const type of ['pointerdown', 'keydown']) {
    document.addEventListener(type, unmute, { signal: over, capture: true });
  }
  video.addEventListener(
    'volumechange',
    () => {
      if (!video.muted) done.abort();
    },
    { signal: over },
  );
}
