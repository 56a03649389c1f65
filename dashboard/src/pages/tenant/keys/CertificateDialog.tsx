import type { SigningKey } from '../../../api/keys';
import { tenant } from '../../../text/tenant';
import { Button, CodeBlock, CopyLine, Dialog, download } from '../../../ui';
import { Download } from '../../../ui/icons';

const text = tenant.keys;

/** A key's certificate, to read, copy and download. */
export function CertificateDialog({ signingKey: key, onClose }: { signingKey: SigningKey | undefined; onClose: () => void }) {
  const pkcs7 = key?.pkcs7;
  return (
    <Dialog
      open={key !== undefined} onClose={onClose} title={text.certificate} width={680}
      footer={key !== undefined && (
        <>
          {pkcs7 !== undefined && <Button icon={Download} onClick={() => download(`${key.kid}.p7b`, pkcs7, 'application/x-pkcs7-certificates')}>{text.downloadPkcs7}</Button>}
          <Button icon={Download} kind="primary" onClick={() => download(`${key.kid}.pem`, key.cert, 'application/x-pem-file')}>{text.downloadPem}</Button>
        </>
      )}
    >
      {key !== undefined && (
        <>
          <dl className="facts">
            <dt>{text.kid}</dt><dd><CopyLine value={key.kid} what={text.kid} /></dd>
            {key.fingerprint !== undefined && <><dt>{text.fingerprint}</dt><dd><CopyLine value={key.fingerprint} what={text.fingerprint} /></dd></>}
            {key.thumbprint !== undefined && <><dt>{text.thumbprint}</dt><dd><CopyLine value={key.thumbprint} what={text.thumbprint} /></dd></>}
          </dl>
          <CodeBlock code={key.cert.replaceAll('\r\n', '\n').trim()} what={text.certificate} label="PEM" copy={() => key.cert} />
        </>
      )}
    </Dialog>
  );
}
