export default function QuickStart() {
  return null;
}
