/** The address of one event. Its drawer is the list's, which knows the events before and after it. */
export default function Event() {
  return null;
}
