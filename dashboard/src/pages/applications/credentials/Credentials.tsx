export default function Credentials() {
  return null;
}
