export default function Permissions() {
  return null;
}
