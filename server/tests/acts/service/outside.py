"""Signs a PDF with pyHanko as a program elsewhere does, its defaults left alone, and judges the finished file.

sign: FILE OUT KEY CERTIFICATE CHAIN SIGNING (key: private number; certificate and chain: DER, chain separated by commas; all in hexadecimal;
SIGNING: what `/signing` gives, as JSON). judge: FILE CA (PEM); prints one line a signature.
"""
import json
import sys

from asn1crypto import x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore


def sign(path, out, key, certificate, chain, signing):
    task = json.loads(signing)
    der = ec.derive_private_key(int(key, 16), ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(bytes.fromhex(one)) for one in chain.split(",")])
    signer = signers.SimpleSigner(x509.Certificate.load(bytes.fromhex(certificate)), PrivateKeyInfo.load(der), store)
    metadata = signers.PdfSignatureMetadata(field_name=task["field"], md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES)
    made = None if task["exists"] else fields.SigFieldSpec(task["field"], on_page=task["page"] - 1, box=tuple(task["rect"]))
    with open(path, "rb") as file, open(out, "w+b") as signed:
        signers.PdfSigner(metadata, signer=signer, new_field_spec=made).sign_pdf(IncrementalPdfFileWriter(file), output=signed)


def judge(path, ca):
    certificates = list(load_certs_from_pemder([ca]))
    roots = [one for one in certificates if one.self_signed != "no"]
    context = ValidationContext(trust_roots=roots, other_certs=certificates, allow_fetching=False)
    with open(path, "rb") as file:
        for signature in PdfFileReader(file).embedded_regular_signatures:
            status = validate_pdf_signature(signature, signer_validation_context=context)
            sound = "sound" if status.valid and status.intact and status.trusted else "unsound"
            print(signature.field_name, sound, status.modification_level.name if status.modification_level else "NONE")


{"sign": sign, "judge": judge}[sys.argv[1]](*sys.argv[2:])
