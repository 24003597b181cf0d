"""Signs standard input with pyHanko so that it permits less: `certify 1|2|3` or `lock FIELD`. The signed file goes to standard output."""
import datetime
import io
import sys

from asn1crypto import keys, x509
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

kind, what = sys.argv[1:]
key = ec.generate_private_key(ec.SECP256R1())
name = cx.Name([cx.NameAttribute(cx.NameOID.COMMON_NAME, "Author")])
at = datetime.datetime(2026, 1, 1)
builder = cx.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
certificate = builder.not_valid_before(at).not_valid_after(at + datetime.timedelta(900)).sign(key, hashes.SHA256())
der = serialization.Encoding.DER
signer = signers.SimpleSigner(
    x509.Certificate.load(certificate.public_bytes(der)),
    keys.PrivateKeyInfo.load(key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())),
    SimpleCertificateStore(),
)
if kind == "certify":
    metadata = signers.PdfSignatureMetadata(
        field_name="author", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm(int(what))
    )
    spec = SigFieldSpec("author")
else:
    metadata = signers.PdfSignatureMetadata(field_name="author", subfilter=SigSeedSubFilter.PADES)
    spec = SigFieldSpec("author", field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, [what]))
writer = IncrementalPdfFileWriter(io.BytesIO(sys.stdin.buffer.read()))
out = signers.PdfSigner(metadata, signer=signer, new_field_spec=spec).sign_pdf(writer)
sys.stdout.buffer.write(out.getbuffer())
