"""Signs one document through the public API with pyHanko: a PAdES program that is not Signet's.

usage: outside_signer.py [--appended] [--tamper KIND] -- URL TOKEN NUMBER (a token may begin with a dash)
KIND is one of: field (fill another field's name), extra (a second, unasked change), stale (an old If-Match).
Prints {"status": …, "body": …} of the last call; exit status 0 whenever the server answered.
"""
import argparse
import io
import json
import urllib.error
import urllib.request

from asn1crypto import pem, x509
from cryptography import x509 as cx509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from asn1crypto.keys import PrivateKeyInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.generic import NameObject, NumberObject, pdf_string
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore


class Api:
    def __init__(self, url, token):
        self.url, self.token = url, token

    def call(self, method, path, body=None, **headers):
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Authorization": f"Bearer {self.token}", **names})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def enrol(api):
    """A fresh P-256 key, a PKCS#10 request, the certificate that comes back."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = cx509.CertificateSigningRequestBuilder().subject_name(cx509.Name([cx509.NameAttribute(NameOID.COMMON_NAME, "pyHanko")])).sign(key, hashes.SHA256())
    status, body = api.call("POST", "/api/v1/certificates", request.public_bytes(serialization.Encoding.PEM), Content_Type="application/pkcs10")
    if status != 201:
        raise SystemExit(f"enrolment: {status} {body.decode()}")
    chain = [x509.Certificate.load(der) for _, _, der in pem.unarmor(json.loads(body)["certificate"].encode(), multiple=True)]
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return PrivateKeyInfo.load(der), chain


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("token")
    arguments.add_argument("number")
    arguments.add_argument("--appended", action="store_true")
    arguments.add_argument("--tamper", choices=["field", "extra", "stale"])
    options = arguments.parse_args()
    api = Api(options.url, options.token)
    private_key, chain = enrol(api)
    document = f"/api/v1/documents/{options.number}"
    task = json.loads(api.call("GET", document + "/signing")[1])
    original = api.call("GET", f"{document}/file?revision={task['revision']}")[1]

    store = SimpleCertificateStore()
    store.register_multiple(chain[1:])
    signer = signers.SimpleSigner(signing_cert=chain[0], signing_key=private_key, cert_registry=store)
    writer = IncrementalPdfFileWriter(io.BytesIO(original))
    field, made = task["field"], None
    if not task["exists"] and options.tamper != "field":
        made = fields.SigFieldSpec(field, on_page=task["page"] - 1, box=tuple(task["rect"]))
    if options.tamper == "field":
        field = "Intruder"
        fields.append_signature_field(writer, fields.SigFieldSpec(field, on_page=0, box=(10, 10, 60, 60)))
    if options.tamper == "extra":
        page = writer.root["/Pages"]["/Kids"][0]
        page[NameObject("/Rotate")] = NumberObject(90)
        writer.update_container(page)
    metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=pdf_string("checked"))
    signed = signers.PdfSigner(metadata, signer=signer, new_field_spec=made).sign_pdf(writer).getbuffer().tobytes()

    body, media = signed, "application/pdf"
    if options.appended:
        body, media = signed[len(original):], "application/vnd.signet.revision"
    revision = task["revision"] + (7 if options.tamper == "stale" else 0)
    status, reply = api.call("POST", document + "/signatures", body, Content_Type=media, If_Match=f'"{revision}"')
    print(json.dumps({"status": status, "body": json.loads(reply)}))


if __name__ == "__main__":
    main()
