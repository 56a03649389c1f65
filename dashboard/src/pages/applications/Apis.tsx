export default function Apis() {
  return null;
}
