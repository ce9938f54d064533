import { signal } from '@preact/signals';

const MAX_CONTENT = 1_200;
const MARGINS = 64;

/** How wide a picture can be without scrolling, in pixels. */
export const room = signal(measured());

addEventListener('resize', () => (room.value = measured()));

function measured(): number {
  return Math.min(document.documentElement.clientWidth, MAX_CONTENT) - MARGINS;
}
