export default function SigningKeys() {
  return null;
}
