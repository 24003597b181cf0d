"""Judges a signed PDF with pyHanko: prints one line a signature. Arguments: file, trusted certificate (PEM)."""
import sys
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

path, root = sys.argv[1:]
context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
with open(path, "rb") as file:
    for signature in PdfFileReader(file).embedded_signatures:
        status = validate_pdf_signature(signature, signer_validation_context=context)
        print(
            signature.field_name,
            "valid" if status.valid and status.intact else "invalid",
            "trusted" if status.trusted else "untrusted",
            status.coverage.name,
            status.modification_level.name if status.modification_level else "NONE",
        )
