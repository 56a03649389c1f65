export default function General() {
  return null;
}
