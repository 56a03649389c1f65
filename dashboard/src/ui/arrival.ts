// After a walk to another page the focus goes to its heading, and its title is read out. The first page is left alone.
import { announce } from './announce';

let isDue = false;
let isTitleDue = false;
let isStaying = false;

export const arrival = {
  /** The next path only opens or closes something over the page, which sees to the focus itself. */
  stay: () => {
    isStaying = true;
  },
  /** The path has changed. */
  walked: () => {
    if (isStaying) {
      isStaying = false;
      return;
    }
    isTitleDue = true;
    // Whoever walks through tabs stays on them.
    isDue = document.activeElement?.closest('[data-tabs]') === null;
    setTimeout(() => arrival.headed(document.querySelector('main h1')), 0);
    setTimeout(arrival.titled, 400);
  },
  /** A heading is there. */
  headed: (heading: HTMLElement | null) => {
    if (!isDue || heading === null) return;
    isDue = false;
    // Whoever opened a dialog meanwhile stays in it.
    if (document.querySelector('[role=dialog]') !== null) return;
    heading.focus({ preventScroll: true });
  },
  /** The document has its title. */
  titled: () => {
    if (!isTitleDue) return;
    isTitleDue = false;
    announce(document.title);
  },
};
